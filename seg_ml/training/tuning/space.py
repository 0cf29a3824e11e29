"""What a search may vary, and between which values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import optuna

Values = dict[str, float]
"""Settings of one section of `params.yaml` by name; whole numbers where the section has such."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` to `high`: whole numbers `step` apart, any number to three digits where `step` is 0.

    `log`: as many trials between 0.01 and 0.1 as between 0.1 and 1.
    """

    low: float
    high: float
    log: bool = False
    step: int = 0

    def suggest(self, trial: optuna.Trial, name: str) -> float:
        """The value that a trial tries."""
        if self.step:
            return trial.suggest_int(name, int(self.low), int(self.high), step=self.step, log=self.log)
        # Three digits: what is measured is what the command at the end can say.
        return float(f"{trial.suggest_float(name, self.low, self.high, log=self.log):.3g}")


FUSION: Mapping[str, Range] = {
    "iterations": Range(50, 500, step=25),
    "learning_rate": Range(0.02, 0.2, log=True),
    "leaves": Range(7, 63, log=True, step=1),
    "l2": Range(0.01, 30.0, log=True),
    "feature_share": Range(0.05, 1.0),
    "twins": Range(0.5, 5.0),
    "disguised": Range(0.0, 1.0),
    "blind": Range(0.0, 1.0),
}
VOTES: Mapping[str, Range] = {
    "vote": Range(0.0, 1.5),
    "transformer": Range(0.0, 1.0),
    "linear_floor": Range(-1.5, 1.5),
    "transformer_floor": Range(-2.0, 1.0),
    "vote_alone": Range(0.0, 1.5),
}
"""Of the section `fusion` too, but not for a search at home: there every vote costs, and none would be left."""
TRANSFORMER: Mapping[str, Range] = {
    "rate": Range(2e-5, 1e-3, log=True),
    "epochs": Range(1, 4, step=1),
    "dropout": Range(0.0, 0.4),
}


def suggest(space: Mapping[str, Range], trial: optuna.Trial) -> Values:
    """One value of each range."""
    return {name: allowed.suggest(trial, name) for name, allowed in space.items()}
