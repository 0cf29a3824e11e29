"""`seg-ml corpora`: fetch, list, verify and add labelled mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seg_ml.corpora.add import add as add_mail
from seg_ml.corpora.card import load_card
from seg_ml.corpora.catalogue import CORPORA
from seg_ml.corpora.fetch import RAW, problems
from seg_ml.corpora.fetch import fetch as fetch_corpora
from seg_ml.corpora.fetch import verify as verify_corpora
from seg_ml.corpora.store import Record, read_record
from seg_ml.domain.errors import SegError
from seg_ml.domain.verdict import Label

corpora_app = typer.Typer(no_args_is_help=True, help="Labelled mail: fetch it, list it, verify it, add your own.")

Directory = Annotated[Path, typer.Option("--directory", help="Folder of fetched corpora.")]
out, err = Console(), Console(stderr=True)


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except SegError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error


@corpora_app.command(epilog="Example: seg-ml corpora fetch spamassassin enron")
def fetch(
    ids: Annotated[list[str] | None, typer.Argument(help="Corpora to fetch; spamassassin by default.")] = None,
    directory: Directory = RAW,
) -> None:
    """Fetch corpora, check their hashes and store them. What is there already is left alone."""
    with _errors_in_words():
        for record in fetch_corpora(ids or ["spamassassin"], directory, err):
            out.print(
                f"{record.id}: {record.messages:,} messages, {_counts(record)}, in {directory}/{record.id}.parquet"
            )


@corpora_app.command("list", epilog="Example: seg-ml corpora list")
def list_corpora(directory: Directory = RAW) -> None:
    """List known and added corpora: messages per label, licence, whether a model may be shipped, state."""
    table = Table("id", "messages", "licence", "shippable", "state")
    with _errors_in_words():
        added = {path.stem for path in directory.glob("*.parquet")} - set(CORPORA)
        for corpus_id in [*(name for name in CORPORA if name != "own"), *sorted(added)]:
            table.add_row(*_row(corpus_id, directory))
    out.print(table)


@corpora_app.command(epilog="Example: seg-ml corpora verify spamassassin")
def verify(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Corpora to verify; all that were fetched by default.")
    ] = None,
    directory: Directory = RAW,
) -> None:
    """Hash every fetched file and every message in it, and say what is wrong. Exit code 1 where anything is."""
    with _errors_in_words():
        found = verify_corpora(ids or None, directory)
    for corpus_id, wrong in found.items():
        out.print(f"{corpus_id}: {'[red]damaged[/red]' if wrong else '[green]whole[/green]'}")
        for problem in wrong:
            out.print(f"  {escape(problem)}", soft_wrap=True)
    if not found:
        err.print(f"nothing is fetched in {directory}: seg-ml corpora fetch")
    if not found or any(found.values()):
        raise typer.Exit(1)


@corpora_app.command(epilog="Example: seg-ml corpora add ~/mail/inbox.mbox --id inbox --label ham")
def add(
    path: Annotated[Path, typer.Argument(help="A folder of .eml files, an mbox, a Maildir or a CSV file.")],
    corpus_id: Annotated[str, typer.Option("--id", help="Name to give it: small letters, digits, hyphens.")],
    label: Annotated[
        Label | None, typer.Option(help="Label of every message; else the CSV column `label`, or the folder's name.")
    ] = None,
    directory: Directory = RAW,
    shippable: Annotated[
        bool, typer.Option("--shippable/--not-shippable", help="Whether a model that learned from it may be shipped.")
    ] = True,
) -> None:
    """Copy your own mail in as a corpus. The original stays as it is, and so does everything on this machine."""
    with _errors_in_words():
        record = add_mail(path, corpus_id, label, directory, shippable, err)
    out.print(f"{record.id}: {record.messages:,} messages, {_counts(record)}, in {directory}/{record.id}.parquet")


def _counts(record: Record) -> str:
    return ", ".join(f"{count:,} {label}" for label, count in sorted(record.labels.items()))


def _row(corpus_id: str, directory: Path) -> list[str]:
    record = read_record(corpus_id, directory)
    if record is None:
        card = load_card(corpus_id) if corpus_id in CORPORA else None
        known = (f"{card.messages:,} (not fetched)", card.licence, card.shippable) if card else ("?", "?", False)
        return [corpus_id, known[0], known[1], "yes" if known[2] else "no", "not fetched" if card else "no record"]
    state = "damaged" if problems(corpus_id, directory) else "fetched"
    return [corpus_id, _counts(record), record.licence, "yes" if record.shippable else "no", state]
