"""A backbone without the subwords that its texts never need: a multilingual vocabulary is most of such a model.

Kept are the subwords that occur, every single character and byte, and the special ones. Texts that were looked at are
cut and encoded as before; others fall back to shorter pieces, down to characters.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from seg_ml.domain.errors import ConfigError

_EMBEDDINGS = "embeddings.word_embeddings.weight"
_MARKS = ("##", "▁")


def trim(folder: Path, texts: Iterable[str], target: Path) -> tuple[int, int]:
    """Write the trimmed backbone of `folder` into `target`; the number of subwords before and after.

    Raises:
        ConfigError: its tokenizer is neither WordPiece nor Unigram, or its embeddings are not where a BERT has them.
    """
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    known, pad = _tokens(tokenizer, folder), int(config.get("pad_token_id") or 0)
    kept = sorted(_occurring(folder, texts) | _indispensable(tokenizer, known) | set(range(pad + 1)))
    places = {old: new for new, old in enumerate(kept)}
    arrays = _arrays(folder, kept)
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    save_file(arrays, target / "model.safetensors", metadata={"format": "pt"})
    trimmed = json.dumps(_trimmed(tokenizer, places), ensure_ascii=False)
    (target / "tokenizer.json").write_text(trimmed, encoding="utf-8")
    special = {key: places.get(value) for key, value in config.items() if key.endswith("_token_id")}
    config = {**config, **special, "vocab_size": len(kept)}
    (target / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return len(known), len(kept)


def _tokens(tokenizer: dict[str, Any], folder: Path) -> dict[int, str]:
    kind, vocabulary = tokenizer["model"].get("type"), tokenizer["model"]["vocab"]
    if kind not in ("WordPiece", "Unigram"):
        raise ConfigError(
            f"transformer.trim_vocabulary knows WordPiece and Unigram tokenizers, {folder} has {kind}: set it to false"
        )
    known = (
        {number: token for token, number in vocabulary.items()}
        if kind == "WordPiece"
        else {number: token for number, (token, _) in enumerate(vocabulary)}
    )
    return known | {added["id"]: added["content"] for added in tokenizer["added_tokens"]}


def _occurring(folder: Path, texts: Iterable[str]) -> set[int]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return {number for text in texts for number in tokenizer.encode(text).ids}


def _indispensable(tokenizer: dict[str, Any], known: dict[int, str]) -> set[int]:
    """Special subwords, single characters, at a word's start or within, and bytes such as `<0x0A>`."""
    special = {added["id"] for added in tokenizer["added_tokens"]}
    return special | {number for number, token in known.items() if _is_single(token)}


def _is_single(token: str) -> bool:
    for mark in _MARKS:
        if len(token) > len(mark):
            token = token.removeprefix(mark)
    return len(token) == 1 or (token.startswith("<0x") and len(token) == 6)


def _arrays(folder: Path, kept: list[int]) -> dict[str, np.ndarray]:
    arrays = load_file(folder / "model.safetensors")
    names = [name for name in arrays if name.endswith(_EMBEDDINGS)]
    if len(names) != 1:
        raise ConfigError(f"{folder}/model.safetensors has no {_EMBEDDINGS}: set transformer.trim_vocabulary to false")
    arrays[names[0]] = np.ascontiguousarray(arrays[names[0]][kept])
    return arrays


def _trimmed(tokenizer: dict[str, Any], places: dict[int, int]) -> dict[str, Any]:
    model = tokenizer["model"]
    if model["type"] == "WordPiece":
        vocabulary: Any = {token: places[number] for token, number in model["vocab"].items() if number in places}
    else:
        vocabulary = [piece for number, piece in enumerate(model["vocab"]) if number in places]
        model = {**model, "unk_id": places[model["unk_id"]]}
    added = [{**item, "id": places[item["id"]]} for item in tokenizer["added_tokens"]]
    return {
        **tokenizer,
        "model": {**model, "vocab": vocabulary},
        "added_tokens": added,
        "post_processor": _processor(tokenizer["post_processor"], places),
        "padding": None,
        "truncation": None,
    }


def _processor(processor: dict[str, Any], places: dict[int, int]) -> dict[str, Any]:
    """What puts the special subwords around a text, with their new numbers."""
    found = dict(processor)
    for side in ("sep", "cls"):
        if side in found:
            found[side] = [found[side][0], places[found[side][1]]]
    if isinstance(found.get("special_tokens"), dict):
        found["special_tokens"] = {
            name: {**item, "ids": [places[number] for number in item["ids"]]}
            for name, item in found["special_tokens"].items()
        }
    if "processors" in found:
        found["processors"] = [_processor(item, places) for item in found["processors"]]
    return found
