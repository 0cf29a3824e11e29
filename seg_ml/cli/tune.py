"""`seg-ml tune`: a search for better settings, on what the pipeline has cached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seg_ml.domain.errors import SegError

if TYPE_CHECKING:
    from seg_ml.training.params import Params
    from seg_ml.training.tuning.objective import Objective
    from seg_ml.training.tuning.space import Values
    from seg_ml.training.tuning.study import Trial, Tuning

out, err = Console(), Console(stderr=True)
_SHOWN = 8


class Searched(StrEnum):
    """What is searched: a section of `params.yaml`, or of `fusion` how its parts vote."""

    FUSION = "fusion"
    TRANSFORMER = "transformer"
    VOTES = "votes"


def tune_command(
    of: Annotated[
        Searched, typer.Option("--of", help="Section of params.yaml to search; or votes, of fusion.")
    ] = Searched.FUSION,
    trials: Annotated[
        int, typer.Option(min=1, help="Trials that the study holds in the end; those it has already count.")
    ] = 30,
    study: Annotated[str, typer.Option(help="Name of the study; `--of` and `--sample` by default.")] = "",
    timeout: Annotated[
        float | None, typer.Option(min=0.0, help="Minutes after which no trial is begun.", show_default="none")
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="Learn from so many messages, campaigns whole; 0 for all.")] = 0,
    params: Annotated[Path, typer.Option("--params", help="Parameters to start from.")] = Path("params.yaml"),
) -> None:
    """Search for better settings, judged out of fold on messages to learn from, never on the test split.

    Votes are judged on all mail of corpora that were not learned from, by what the stage unseen kept; that of a corpus
    in use holds messages of its test split.
    The same command goes on with a study that was interrupted. Each trial is a run of MLflow below one of the study.
    It ends with the best trials, and the command that would use them.
    """
    # Optuna, MLflow and PyTorch take seconds to import, which no other command has to wait for.
    from seg_ml.training.params import Params
    from seg_ml.training.progress import progress
    from seg_ml.training.tuning.study import Tuning

    try:
        loaded = Params.load(params)
        tuning = Tuning(_objective(of, loaded, sample), study or f"{of}-{sample or 'all'}", loaded)
        with progress() as report:
            tuning.run(trials, timeout * 60 if timeout is not None else None, report, _say)
    except SegError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        err.print("interrupted: the same command goes on")
        raise typer.Exit(130) from None
    _conclude(tuning)


def _objective(of: Searched, params: Params, sample: int) -> Objective:
    from seg_ml.training.tuning.objective import FusionObjective, TransformerObjective
    from seg_ml.training.tuning.votes import VotesObjective

    objectives: dict[Searched, Callable[[Params, int], Objective]] = {
        Searched.FUSION: FusionObjective,
        Searched.TRANSFORMER: TransformerObjective,
        Searched.VOTES: VotesObjective,
    }
    return objectives[of](params, sample)


def _say(trial: Trial) -> None:
    err.print(f"  trial {trial.number}: {trial.outcome.headroom * 100:+.2f} points, {_recalls(trial)}", highlight=False)


def _recalls(trial: Trial) -> str:
    return ", ".join(f"{corpus} {recall:.1%}" for corpus, recall in sorted(trial.outcome.recalls.items()))


def _conclude(tuning: Tuning) -> None:
    from seg_ml.training.tuning.study import changes, command

    finished = tuning.finished()
    if not finished:
        err.print("no trial came to its end: allow more time with --timeout")
        raise typer.Exit(1)
    out.print(trials_table(finished, tuning.present, f"{tuning.name}: {len(finished)} trials"))
    _say_what_it_is_worth(tuning, finished)
    changed = changes(finished[0].values, tuning.present)
    if changed:
        out.print(command(tuning.objective.section, changed), soft_wrap=True, highlight=False)
    else:
        out.print("No trial did better than the settings of params.yaml.")


def _say_what_it_is_worth(tuning: Tuning, finished: Sequence[Trial]) -> None:
    """The figures of each experiment under what was best on the others, where trials are judged on experiments."""
    found = tuning.objective.elsewhere([trial.outcome for trial in finished])
    if found is not None:
        title = "each under the settings that are best on the others"
        table = Table("experiment", "recall at 1 % FP", "F1", title=title)
        for name, recall in found.recalls.items():
            table.add_row(name, f"{recall:.1%}", f"{found.f1[name]:.3f}")
        out.print(table)


def trials_table(trials: Sequence[Trial], present: Values, title: str) -> Table:
    """The best trials: distance to the gate's bound in points, recall of each corpus, and what they change."""
    from seg_ml.training.tuning.study import changes

    corpora = sorted(trials[0].outcome.recalls)
    table = Table("trial", "to the bound", *corpora, "settings", title=title)
    shown = list(trials[:_SHOWN])
    shown += [trial for trial in trials[_SHOWN:] if not changes(trial.values, present)]
    for trial in shown:
        changed = changes(trial.values, present)
        worded = " ".join(f"{name}={value:g}" for name, value in changed.items()) or "as they are"
        recalls = (f"{trial.outcome.recalls[corpus]:.1%}" for corpus in corpora)
        table.add_row(str(trial.number), f"{trial.outcome.headroom * 100:+.2f}", *recalls, worded)
    return table
