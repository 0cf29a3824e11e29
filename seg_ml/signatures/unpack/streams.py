"""Single files and tars packed with gzip, bzip2, xz or Zstandard, and plain tars."""

from __future__ import annotations

import bz2
import io
import lzma
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator

from seg_ml.domain.message import Part
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.unpack.archive import CHUNK, FAILURES, Archive, Draft, tar_members
from seg_ml.signatures.unpack.limits import Budget, TooMuch

_ENDINGS = {
    "gzip": (".gz", ".tgz"),
    "bzip": (".bz2", ".tbz"),
    "xz": (".xz", ".txz"),
    "zstd": (".zst", ".tzst"),
}
_MEMORY = 64 << 20
_WINDOW_LOG = 26  # the same 64 MiB, as Zstandard counts


def read_tar(part: Part, _: tuple[str, ...], budget: Budget) -> Archive:
    """A tar that is not packed."""
    return _tar(Draft(part, budget), part.content)


def read_packed(part: Part, _: tuple[str, ...], budget: Budget) -> Archive:
    """One packed stream; a tar inside counts as the same archive, as whoever made it sees it."""
    kind = magic(part.content)
    draft = Draft(part, budget)
    name = part.filename or "file"
    for ending in _ENDINGS[kind]:
        name = name.removesuffix(ending)
    kept: list[bytes] = []
    try:
        budget.member()
        content = budget.read(name, _keeping(_CHUNKS[kind](part.content), kept), len(part.content))
    except TooMuch as limit:
        draft.exceed(limit)
        draft.names.append(name)
        return draft.done()
    except FAILURES as error:
        draft.fail(error)
        content = b"".join(kept)
        if not content:
            return draft.done()
    if magic(content) == "tar":
        return _tar(draft, content)
    draft.names.append(name)
    draft.add(name, content)
    return draft.done()


def _keeping(chunks: Iterator[bytes], kept: list[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        kept.append(chunk)
        yield chunk


def _tar(draft: Draft, content: bytes) -> Archive:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            tar_members(draft, archive)
    except TooMuch as limit:
        draft.exceed(limit)
    except FAILURES as error:
        draft.fail(error)
    return draft.done()


def _gzip(content: bytes) -> Iterator[bytes]:
    """Several streams may stand one after the other."""
    while content:
        inflater = zlib.decompressobj(wbits=31)
        while content and not inflater.eof:
            yield inflater.decompress(content, CHUNK)
            content = inflater.unconsumed_tail
        if not inflater.eof:
            raise EOFError("truncated")
        content = inflater.unused_data.lstrip(b"\0")
        if not content.startswith(b"\x1f\x8b"):
            return  # gzip itself ignores what trails


def _bzip(content: bytes) -> Iterator[bytes]:
    with bz2.BZ2File(io.BytesIO(content)) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _xz(content: bytes) -> Iterator[bytes]:
    reader = lzma.LZMADecompressor(memlimit=_MEMORY)
    yield reader.decompress(content, CHUNK)
    while not reader.eof and not reader.needs_input:
        yield reader.decompress(b"", CHUNK)
    if not reader.eof:
        raise EOFError("truncated")


def _zstd(content: bytes) -> Iterator[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    try:
        reader = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})
        yield reader.decompress(content, CHUNK)
        while not reader.eof and not reader.needs_input:
            yield reader.decompress(b"", CHUNK)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from error
    if not reader.eof:
        raise EOFError("truncated")


_CHUNKS: dict[str, Callable[[bytes], Iterator[bytes]]] = {"gzip": _gzip, "bzip": _bzip, "xz": _xz, "zstd": _zstd}
