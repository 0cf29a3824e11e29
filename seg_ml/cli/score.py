"""`seg-ml score`: verdicts for stored mail, from a model of the registry or a folder."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from os import cpu_count
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from seg_ml.artifact.account import Account, account
from seg_ml.artifact.model import MailModel
from seg_ml.compute.executor import spread
from seg_ml.corpora.loose import loose_messages
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.errors import SegError

err = Console(stderr=True)
_SHOWN = 8


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
        bool, typer.Option("--explain", help="Say why: words, findings, the smallest change that would pass (slower).")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes; as many as cores by default.")] = cpu_count() or 1,
) -> None:
    """Score stored messages. Each is judged on its own; the order of the output is that of the input."""
    try:
        folder, version = _resolve(model)
        MailModel.load(folder, version)  # what is wrong with it is said here, once
        counts: Counter[str] = Counter()
        scoring = partial(_score, folder, version, session_facts, explain)
        for row in _rows(paths, scoring, workers):
            counts[row["label"]] += 1
            if jsonl:
                sys.stdout.write(json.dumps(row, ensure_ascii=True) + "\n")
            elif explain:
                Console().print(_told(row))
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
    paths: list[Path], scoring: Callable[[tuple[str, bytes]], dict[str, Any]], workers: int
) -> Iterator[dict[str, Any]]:
    mail = (named for path in paths for named in loose_messages(path))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("messages scored", total=None)
        for row in spread(scoring, mail, chunk=4, workers=workers):
            bar.advance(task)
            yield row


def _score(folder: Path, version: str, facts: bool, explain: bool, mail: tuple[str, bytes]) -> dict[str, Any]:
    (name, raw), model = mail, _model(folder, version)
    request = stored_request(raw, facts)
    told = account(model, request) if explain else None
    verdict = told.verdict if told else model.score([request])[0]
    row: dict[str, Any] = {
        "path": name,
        "label": verdict.label.value,
        "threat_probability": verdict.threat_probability,
        "probabilities": dict(verdict.probabilities),
        "findings": sorted({finding.signature for finding in verdict.findings}),
        "model_version": verdict.model_version,
    }
    return row | _explained(told) if told else row


def _explained(told: Account) -> dict[str, Any]:
    explanation, found = told.verdict.explanation, told.clearing
    return {
        "explanation": explanation.sentence,
        "words": [list(pair) for pair in explanation.words],
        "transformer": {
            "read": not told.settled,
            "words": [[word, round(effect, 4)] for word, effect in told.transformer.words[:_SHOWN]],
            "sentences": [[text, round(effect, 4)] for text, effect in told.transformer.sentences[:3]],
        },
        "evidence": [[f.signature, f.severity.name.lower(), f.evidence] for f in told.verdict.findings],
        "would_have_passed": list(found.changes) if found else None,
    }


@lru_cache(maxsize=1)
def _model(folder: Path, version: str) -> MailModel:
    return MailModel.load(folder, version)


def _told(row: dict[str, Any]) -> Table:
    """One message for people: what was decided, by which words and findings, and what would have changed it."""
    table = Table(title=escape(row["path"]), title_justify="left", show_header=False)
    table.add_row("verdict", escape(row["explanation"]))
    table.add_row("words", _weighed(row["words"]))
    read = row["transformer"]
    table.add_row("transformer", _weighed(read["words"]) if read["read"] else "did not read it: the rest was certain")
    for name, severity, evidence in row["evidence"]:
        table.add_row("finding", escape(f"{name} ({severity}): {evidence}"))
    if row["would_have_passed"]:
        table.add_row("would have passed", escape(" and ".join(row["would_have_passed"])))
    return table


def _weighed(words: list[list[Any]]) -> str:
    return escape(", ".join(f"{word} {weight:+.2f}" for word, weight in words)) or "none that it knows"


def _print(counts: Counter[str], version: str) -> None:
    table = Table("label", "messages", title=f"verdicts of {version or 'the model'}")
    for label, count in counts.most_common():
        table.add_row(label, f"{count:,}")
    Console().print(table)
