"""Fetch corpora into `data/raw`, and say whether what lies there is what was fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from seg_ml.corpora.catalogue import CORPORA, RawMail, Source
from seg_ml.corpora.store import Record, parquet_path, read_record, record_path, write_corpus
from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import CorpusError

RAW = Path("data/raw")


def fetch(ids: Sequence[str], directory: Path = RAW, console: Console | None = None) -> list[Record]:
    """Fetch corpora, one Parquet file and one record each. What is there already and whole is left alone.

    Progress goes to `console`, standard error by default. A corpus that `add` put there needs no source.

    Raises:
        ConfigError: an id is neither registered nor already there.
        CorpusError: a source is missing or not the pinned one. Nothing half-written stays behind.
    """
    with _progress(console) as progress:
        return [_fetch_one(corpus_id, directory, progress) for corpus_id in ids]


def _fetch_one(corpus_id: str, directory: Path, progress: Progress) -> Record:
    record = read_record(corpus_id, directory)
    wrong = problems(corpus_id, directory)
    if record and not wrong:
        progress.add_task(corpus_id, total=record.messages, completed=record.messages)
        return record
    if record and corpus_id not in CORPORA:
        raise CorpusError(f"{wrong[0]}; {corpus_id!r} is your own mail, so: seg-ml corpora add")
    (source,) = CORPORA.resolve([corpus_id])
    task = progress.add_task(corpus_id, total=source.card.messages or None)
    return write_corpus(source.card, source.origin, _watched(source, progress, task), directory)


def _watched(source: Source, progress: Progress, task: TaskID) -> Iterator[RawMail]:
    for mail in source.messages():
        yield mail
        progress.advance(task)


def _progress(console: Console | None) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console or Console(stderr=True),
    )


def fetched(directory: Path = RAW) -> list[Record]:
    """Records of what lies in a folder, by id."""
    records = (read_record(path.stem, directory) for path in sorted(directory.glob("*.json")))
    return [record for record in records if record]


def verify(ids: Iterable[str] | None = None, directory: Path = RAW) -> dict[str, list[str]]:
    """What is wrong with fetched corpora, per id; an empty list where all is well. All of them by default."""
    wanted = sorted({path.stem for path in directory.glob("*.parquet")}) if ids is None else list(ids)
    return {corpus_id: problems(corpus_id, directory, deep=True) for corpus_id in wanted}


def problems(corpus_id: str, directory: Path, deep: bool = False) -> list[str]:
    """What is wrong with one fetched corpus; `deep` also hashes every message."""
    path = parquet_path(corpus_id, directory)
    record = read_record(corpus_id, directory)
    if not path.is_file():
        return [f"{path} does not exist: fetch {corpus_id}"]
    if record is None:
        return [f"{record_path(corpus_id, directory)} does not exist: delete {path} and fetch again"]
    found = []
    if file_sha256(path) != record.sha256:
        found.append(f"{path} is not the file that was fetched (sha256 differs): delete it and fetch again")
    elif deep:
        found += _damaged_rows(path)
    return found + _outdated(record)


def _outdated(record: Record) -> list[str]:
    if record.id not in CORPORA:
        return []
    card = CORPORA.resolve([record.id])[0].card
    if card.sha256 == record.source_sha256:
        return []
    return [f"{record.id}: fetched from another version than data/{record.id}.md pins: fetch again"]


def _damaged_rows(path: Path) -> list[str]:
    found = []
    for batch in pq.ParquetFile(path).iter_batches(columns=["sha256", "source_path", "raw"]):
        for row in batch.to_pylist():
            if hashlib.sha256(row["raw"]).hexdigest() != row["sha256"]:
                found.append(f"{path}: {row['source_path']}: sha256 of the message differs: fetch again")
    return found


def corpus_files(ids: Sequence[str], directory: Path = RAW) -> list[Path]:
    """Parquet files of fetched corpora, in the order of the ids.

    Raises:
        CorpusError: one of them is missing or damaged.
    """
    found = [problem for corpus_id in ids for problem in problems(corpus_id, directory)]
    if found:
        raise CorpusError("; ".join(found))
    return [parquet_path(corpus_id, directory) for corpus_id in ids]
