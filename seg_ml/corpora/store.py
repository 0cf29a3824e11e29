"""Fetched corpora on disk: `<id>.parquet` with the messages, `<id>.json` with what they are and their hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from seg_ml.corpora.card import Card
from seg_ml.corpora.catalogue import RawMail
from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import CorpusError

RAW_SCHEMA = pa.schema(
    [
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("corpus", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("source_path", pa.string(), nullable=False),
        pa.field("raw", pa.binary(), nullable=False),
    ]
)
"""Columns of a fetched corpus; `sha256` is that of `raw`."""

ROW_GROUP = 1000


@dataclass(frozen=True, slots=True)
class Record:
    """What lies in a fetched corpus. `sha256` is of the Parquet file, `source_sha256` of what it was read from."""

    id: str
    messages: int
    labels: Mapping[str, int]
    kinds: Mapping[str, int]
    sha256: str
    source_sha256: str
    fetched_from: str
    licence: str
    shippable: bool


def parquet_path(corpus_id: str, directory: Path) -> Path:
    """Where the messages of a corpus lie."""
    return directory / f"{corpus_id}.parquet"


def record_path(corpus_id: str, directory: Path) -> Path:
    """Where the record of a corpus lies."""
    return directory / f"{corpus_id}.json"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place at the end, and is removed where the block raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write JSON in a form that gives the same bytes for the same content, all or nothing."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_corpus(card: Card, origin: str, messages: Iterable[RawMail], directory: Path) -> Record:
    """Write a corpus and then its record, so that a record is never older than its messages.

    Raises:
        CorpusError: there is no message at all.
    """
    kinds: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    path = parquet_path(card.id, directory)
    with replacing(path) as temporary:
        with pq.ParquetWriter(temporary, RAW_SCHEMA, compression="zstd") as writer:
            for batch in _batches(messages):
                kinds.update(mail.kind for mail in batch)
                labels.update(str(mail.label) for mail in batch)
                writer.write_table(_table(card.id, batch))
        if not labels:
            raise CorpusError(f"corpus {card.id!r}: no messages in {origin}; check that it is the right file or folder")
    record = Record(
        id=card.id,
        messages=labels.total(),
        labels=dict(labels),
        kinds=dict(kinds),
        sha256=file_sha256(path),
        source_sha256=card.sha256,
        fetched_from=origin,
        licence=card.licence,
        shippable=card.shippable,
    )
    write_json(record_path(card.id, directory), asdict(record))
    return record


def _batches(messages: Iterable[RawMail]) -> Iterator[list[RawMail]]:
    iterator = iter(messages)
    while batch := list(islice(iterator, ROW_GROUP)):
        yield batch


def _table(corpus_id: str, batch: list[RawMail]) -> pa.Table:
    rows = [
        {
            "sha256": hashlib.sha256(mail.raw).hexdigest(),
            "corpus": corpus_id,
            "kind": mail.kind,
            "label": str(mail.label),
            "source_path": mail.source_path,
            "raw": mail.raw,
        }
        for mail in batch
    ]
    return pa.Table.from_pylist(rows, schema=RAW_SCHEMA)


def read_record(corpus_id: str, directory: Path) -> Record | None:
    """The record of a fetched corpus, `None` where there is none.

    Raises:
        CorpusError: the file is no record.
    """
    path = record_path(corpus_id, directory)
    if not path.is_file():
        return None
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise CorpusError(f"{path} is not the record of a corpus ({error}): delete it and fetch again") from error
