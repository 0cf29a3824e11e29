"""`seg-ml train --from`: a finished model made to fit one's own mail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seg_ml.domain.errors import SegError

if TYPE_CHECKING:
    from seg_ml.registry.resolve import ResolvedModel
    from seg_ml.training.adapting.adapt import Adapted

out, err = Console(), Console(stderr=True)


def train_command(
    base: Annotated[str, typer.Option("--from", help="Model to start from: alias, version number or folder.")],
    corpora: Annotated[list[str], typer.Option("--corpus", help="Own corpus to learn from; may be repeated.")],
    limit: Annotated[float, typer.Option(min=0.1, help="The most by which any message's log-odds may move.")] = 4.0,
    retained: Annotated[
        int, typer.Option(min=0, help="Messages of data/prepared, where it exists, to learn beside and to judge on.")
    ] = 1000,
    most_worse: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Loss of recall, or gain in false positives, that counts as none.")
    ] = 0.01,
    accept: Annotated[bool, typer.Option("--accept", help="Go on although something became worse.")] = False,
    output: Annotated[Path | None, typer.Option(help="New folder for the model.", show_default="var/adapted/…")] = None,
    directory: Annotated[Path, typer.Option("--directory", help="Folder of added corpora.")] = Path("data/raw"),
    register: Annotated[bool, typer.Option(help="Register it as challenger.")] = True,
    params: Annotated[Path, typer.Option("--params", help="Parameters of preparation and evaluation.")] = Path(
        "params.yaml"
    ),
) -> None:
    """Make a finished model fit your own mail, in minutes; the corpora that it learned from need not be there.

    What it gets wrong on your mail is learned as a bounded correction, by words. Part of your mail is held out: a
    table shows what changes there, and on retained threats. The result is the new challenger: `seg-ml promote`.
    Exit code 1, and nothing written, where something became worse than allowed. From nothing: `dvc repro`.
    """
    # PyTorch and MLflow take seconds to import, which no other command has to wait for.
    from seg_ml.training.adapting.adapt import AdaptOptions, adapt, write_adapted
    from seg_ml.training.adapting.register import register_adapted
    from seg_ml.training.params import Params
    from seg_ml.training.progress import progress

    try:
        loaded = Params.load(params)
        found = _resolve(base, loaded["register"]["model"])
        with progress() as report:
            adapted = adapt(found, corpora, loaded, AdaptOptions(limit, retained, directory), report)
        out.print(shifts_table(adapted))
        _stop_if_worse(adapted, most_worse, accept)
        folder = output or _folder(adapted)
        write_adapted(adapted, folder)
        out.print(f"wrote {folder}", highlight=False)
        if register:
            with progress() as report:
                version = register_adapted(adapted, folder, loaded, report)
            out.print(f"challenger is {loaded['register']['model']}/{version}: seg-ml promote", highlight=False)
    except SegError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error


def _resolve(reference: str, name: str) -> ResolvedModel:
    from seg_ml.registry.resolve import resolve
    from seg_ml.registry.versions import full_reference

    return resolve(reference if Path(reference).is_dir() else full_reference(reference, name))


def _folder(adapted: Adapted) -> Path:
    from seg_ml.domain.digest import file_sha256

    base = adapted.base.model_version.replace("/", "-")
    return Path("var/adapted") / f"{base}-{'+'.join(adapted.corpora)}-{file_sha256(adapted.source)[:8]}"


def shifts_table(adapted: Adapted) -> Table:
    """What changes at the base's threshold, sort by sort."""
    from seg_ml.evaluation.shifts import HEADER

    table = Table(*HEADER, title=f"{adapted.base.model_version} at its threshold, {adapted.threshold:.4g}")
    for shift in adapted.shifts:
        colour = "red" if shift.worse > 0 else "green" if shift.worse < 0 else ""
        *plain, after = shift.cells()
        table.add_row(*plain, f"[{colour}]{after}[/{colour}]" if colour else after)
    return table


def _stop_if_worse(adapted: Adapted, most: float, accept: bool) -> None:
    worst = adapted.worst()
    if worst.worse <= most:
        return
    measure = "recall" if worst.unwanted else "false positives"
    change = f"{measure} on {worst.sort}: {worst.before:.1%} → {worst.after:.1%}, {most:.1%} is allowed"
    err.print(f"[red]worse:[/red] {change}", highlight=False)
    if not accept:
        err.print("nothing is written; a smaller --limit, more of your own threats, or --accept", highlight=False)
        raise typer.Exit(1)
