"""What a change to a model does to mail of several sorts, at one threshold: before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seg_ml.evaluation.intervals import wilson
from seg_ml.evaluation.markdown import table_markdown, with_interval
from seg_ml.evaluation.metrics import Bools, Floats
from seg_ml.evaluation.scores import unwanted


@dataclass(frozen=True, slots=True)
class Shift:
    """Share of one sort of mail that is flagged: recall where it is `unwanted`, else false positives."""

    sort: str
    unwanted: bool
    messages: int
    before: float
    after: float

    @property
    def worse(self) -> float:
        """How much worse it became, in [-1, 1]; negative where it became better."""
        return self.before - self.after if self.unwanted else self.after - self.before

    def cells(self) -> list[str]:
        """Sort, measure, messages, before, after."""
        measure = "recall" if self.unwanted else "false positives"
        return [self.sort, measure, f"{self.messages:,}", *(self._share(share) for share in (self.before, self.after))]

    def _share(self, share: float) -> str:
        ends = wilson(round(share * self.messages), self.messages)
        return with_interval({"figure": share, "low": ends.low, "high": ends.high})


HEADER = ("mail", "measure", "messages", "before", "after")


def shifts(
    sorts: Mapping[str, Bools], rows: pd.DataFrame, before: Floats, after: Floats, threshold: float
) -> list[Shift]:
    """A shift for the wanted and one for the unwanted mail of each sort that has any.

    `sorts` are members (n,) by name; `before` and `after` (n,) are probabilities of being unwanted.
    """
    found = []
    for name, members in sorts.items():
        for bad in (False, True):
            some = members & (unwanted(rows) == bad)
            if some.any():
                shares = (float((scores[some] >= threshold).mean()) for scores in (before, after))
                found.append(Shift(name, bad, int(some.sum()), *shares))
    return found


def shifts_markdown(found: Sequence[Shift], threshold: float) -> str:
    """As a table, intervals of 95 % by counting."""
    return f"At the threshold {threshold:.4g}:\n\n{table_markdown(HEADER, [shift.cells() for shift in found])}"


def shifts_figures(found: Sequence[Shift]) -> dict[str, Any]:
    """By sort and measure: messages, before, after."""
    return {
        f"{shift.sort} {'recall' if shift.unwanted else 'false positives'}": {
            "messages": shift.messages,
            "before": shift.before,
            "after": shift.after,
        }
        for shift in found
    }
