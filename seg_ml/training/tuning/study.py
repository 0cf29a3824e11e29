"""A study: trials one after another in a SQLite file, each also a run of MLflow; a study that was killed goes on.

The sampler of each trial is seeded with the number of trials done before it, so that a study that was interrupted
tries the same settings as one that was not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from seg_ml.domain.errors import ConfigError
from seg_ml.registry.lineage import Lineage, lineage
from seg_ml.registry.runs import ActiveRun, start_run
from seg_ml.training import paths
from seg_ml.training.params import Params
from seg_ml.training.tuning.objective import Objective, Outcome, Report
from seg_ml.training.tuning.space import Values, suggest

STORE = Path("var/tuning/studies.db")
_RUN, _DATA, _VALUES, _RECALLS, _F1 = "run_id", "fingerprint", "values", "recalls", "f1"


@dataclass(frozen=True)
class Trial:
    """A trial that came to its end."""

    number: int
    values: Values
    outcome: Outcome


class Tuning:
    """Trials of one objective under one name; `seed` fixes what is tried."""

    def __init__(self, objective: Objective, name: str, params: Params, store: Path = STORE) -> None:
        """Open the study, or make it.

        Raises:
            ConfigError: a study of that name was made of other data, another sample or other bounds.
        """
        self.objective, self.name, self.seed = objective, name, params.seed
        self.present: Values = {key: params[objective.section][key] for key in objective.space}
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        store.parent.mkdir(parents=True, exist_ok=True)
        self.study = optuna.create_study(
            storage=f"sqlite:///{store}", study_name=name, direction="maximize", load_if_exists=True
        )
        known = self.study.user_attrs.get(_DATA, objective.fingerprint)
        if known != objective.fingerprint:
            raise ConfigError(f"study {name!r} in {store} is of other data or another sample: choose another --study")
        self.study.set_user_attr(_DATA, objective.fingerprint)

    def run(self, trials: int, seconds: float | None, report: Report, done: Callable[[Trial], None]) -> None:
        """Go on until the study holds `trials` trials or `seconds` are over; the first tries the present settings."""
        self._clear()
        origin = lineage(Path(), paths.MESSAGES)
        end = time.monotonic() + (float("inf") if seconds is None else seconds)
        again = str(self.study.user_attrs.get(_RUN, ""))
        with start_run(f"tune {self.name}", origin, again=again) as parent:
            self.study.set_user_attr(_RUN, parent.run_id)
            while (count := len(self.finished())) < trials and time.monotonic() < end:
                trial = self._one(count, report)
                self._log(trial, parent, origin)
                done(trial)
            parent.figures({"trials": len(self.finished()), "best": self.study.best_value if self.finished() else None})

    def finished(self) -> list[Trial]:
        """Every trial that came to its end, the best first; of equals the earliest."""
        found = [_read(trial) for trial in self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))]
        return sorted(found, key=lambda trial: (-trial.outcome.headroom, trial.number))

    def _clear(self) -> None:
        """What a killed process left as running did not come to its end."""
        for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self.study.tell(trial.number, state=TrialState.FAIL)
        if not self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.WAITING)):
            self.study.enqueue_trial(dict(self.present))

    def _one(self, count: int, report: Report) -> Trial:
        self.study.sampler = optuna.samplers.TPESampler(seed=self.seed + count)
        trial = self.study.ask()
        values = suggest(self.objective.space, trial)
        outcome = self.objective(values, report)
        trial.set_user_attr(_VALUES, values)
        trial.set_user_attr(_RECALLS, dict(outcome.recalls))
        trial.set_user_attr(_F1, dict(outcome.f1))
        return _read(self.study.tell(trial, outcome.headroom))

    def _log(self, trial: Trial, parent: ActiveRun, origin: Lineage) -> None:
        with start_run(f"trial {trial.number}", origin, parent=parent) as run:
            run.params({self.objective.section: trial.values})
            outcome = trial.outcome
            run.figures({"headroom": outcome.headroom, "recall": dict(outcome.recalls), "f1": dict(outcome.f1)})


def changes(values: Values, present: Values) -> Values:
    """Those settings that are others than the present ones."""
    return {name: value for name, value in values.items() if value != present[name]}


def command(section: str, changed: Values) -> str:
    """What a person runs to use these settings."""
    return " ".join(["dvc exp run", *(f"-S {section}.{name}={value:g}" for name, value in changed.items())])


def _read(trial: FrozenTrial) -> Trial:
    told: dict[str, Any] = trial.user_attrs
    return Trial(trial.number, told[_VALUES], Outcome(float(trial.value or 0.0), told[_RECALLS], told.get(_F1, {})))
