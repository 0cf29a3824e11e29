"""`seg-ml score`: verdicts for stored mail, from a model of the registry or a folder."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from seg_ml.artifact.clearing import clearing
from seg_ml.artifact.model import MailModel
from seg_ml.corpora.loose import loose_messages
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.errors import SegError

err = Console(stderr=True)
_AHEAD = 256
_model: MailModel | None = None
Job = tuple[str, bytes, bool, bool]


def score_command(
    paths: Annotated[list[Path], typer.Argument(help="`.eml` files, folders, Maildirs, mboxes or tar archives.")],
    model: Annotated[
        str, typer.Option(help="models:/NAME@ALIAS, models:/NAME/VERSION or an artifact folder.")
    ] = "models:/seg-mail@champion",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON line a message on standard output.")] = False,
    session_facts: Annotated[
        bool, typer.Option(help="Use the authentication results that the receiving host left in the headers.")
    ] = True,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add why, and the smallest change that would have made it pass (slower).")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes; as many as cores by default.")] = cpu_count() or 1,
) -> None:
    """Score stored messages. Each is judged on its own; the order of the output is that of the input."""
    try:
        folder, version = _resolve(model)
        counts: Counter[str] = Counter()
        for row in _rows(paths, folder, version, (session_facts, explain), workers):
            counts[row["label"]] += 1
            if jsonl:
                sys.stdout.write(json.dumps(row, ensure_ascii=True) + "\n")
    except SegError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error
    if not jsonl:
        _print(counts, version)


def _resolve(model: str) -> tuple[Path, str]:
    if not model.startswith("models:/"):
        return Path(model), ""
    # mlflow takes two seconds to import, and a folder needs none of it.
    from seg_ml.registry.resolve import resolve

    found = resolve(model)
    return found.path, found.model_version


def _rows(
    paths: list[Path], folder: Path, version: str, asked: tuple[bool, bool], workers: int
) -> Iterator[dict[str, Any]]:
    jobs = ((name, raw, *asked) for path in paths for name, raw in loose_messages(path))
    MailModel.load(folder, version)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=err, transient=True) as bar,
        ProcessPoolExecutor(workers, get_context("spawn"), initializer=_load, initargs=(folder, version)) as pool,
    ):
        task = bar.add_task("messages scored", total=None)
        for row in _in_order(pool, jobs):
            bar.advance(task)
            yield row


def _in_order(pool: ProcessPoolExecutor, jobs: Iterable[Job]) -> Iterator[dict[str, Any]]:
    """Results in order, with a bounded number of messages in memory."""
    pending = []
    for job in jobs:
        pending.append(pool.submit(_score, job))
        if len(pending) >= _AHEAD:
            yield pending.pop(0).result()
    for future in pending:
        yield future.result()


def _load(folder: Path, version: str) -> None:
    global _model
    _model = MailModel.load(folder, version)


def _score(job: Job) -> dict[str, Any]:
    name, raw, facts, explain = job
    assert _model is not None, "the pool's initializer loads the model"
    request = stored_request(raw, facts)
    (verdict,) = _model.score([request])
    row: dict[str, Any] = {
        "path": name,
        "label": verdict.label.value,
        "threat_probability": verdict.threat_probability,
        "probabilities": dict(verdict.probabilities),
        "findings": sorted({finding.signature for finding in verdict.findings}),
        "model_version": verdict.model_version,
    }
    if explain:
        found = clearing(_model, request)
        row |= {
            "explanation": verdict.explanation.sentence,
            "words": [list(pair) for pair in verdict.explanation.words],
            "would_have_passed": list(found.changes) if found else None,
        }
    return row


def _print(counts: Counter[str], version: str) -> None:
    table = Table("label", "messages", title=f"verdicts of {version or 'the model'}")
    for label, count in counts.most_common():
        table.add_row(label, f"{count:,}")
    Console().print(table)
