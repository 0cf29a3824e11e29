"""A cascade: what findings, features and words alone settle with certainty, the transformer does not read.

The early model knows all that the fused one knows but the transformer's logit. Where its probability lies beyond one
of two margins, it is the answer; in between, the transformer reads the message and the fused model answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ml.models.calibration import Calibrator
from seg_ml.models.fusion import Fusion

EARLY = "early.safetensors"
EVEN = 0.5
_NEVER = 2.0

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Margins:
    """A message is settled whose early probability of being unwanted is at most `wanted` or at least `unwanted`.

    Outside of [0, 1] a margin settles nothing.
    """

    wanted: float
    unwanted: float

    def settle(self, early: Floats) -> Bools:
        """Which of these probabilities (n,) are beyond a margin."""
        return np.asarray((early <= self.wanted) | (early >= self.unwanted))


class Early:
    """The model before the transformer, as it is served."""

    def __init__(self, fusion: Fusion, calibrator: Calibrator, margins: Margins) -> None:
        self.fusion, self.calibrator, self.margins = fusion, calibrator, margins

    @classmethod
    def load(cls, folder: Path, calibrator: Calibrator, margins: Margins) -> Early:
        """Read the trees that training left in `folder`."""
        return cls(Fusion.load(folder / EARLY), calibrator, margins)

    def settled(self, vector: Floats, linear: Floats) -> Floats | None:
        """Probabilities of being wanted and unwanted (2,); `None` where the transformer has to read the message.

        `vector` (dim,) and `linear` (linear models,) are what is known without it.
        """
        logits = self.fusion.logits(vector[None, :], linear[None, :])
        probabilities = self.calibrator.probabilities(logits)
        return probabilities[0] if self.margins.settle(probabilities[:, 1])[0] else None


def differing(early: Floats, full: Floats, thresholds: Sequence[float]) -> Bools:
    """Which messages the two judge differently at any of the thresholds; probabilities of shape (n,)."""
    apart = np.array([(early >= threshold) != (full >= threshold) for threshold in thresholds])
    return np.asarray(apart.any(axis=0))


@dataclass(frozen=True)
class Strictness:
    """How sure is sure enough.

    `certain`: least probability of the side that a settled message is on. `disagreement`: share of all messages that
    may be settled and judged otherwise at one of the thresholds. `slack`: odds, as a factor above 1, that a margin
    keeps away from the first message that it must not settle, for the next such message will lie further out.
    """

    certain: float = 0.98
    disagreement: float = 0.001
    slack: float = 3.0


def choose_margins(
    early: Floats, full: Floats, unwanted: Bools, thresholds: Sequence[float], strictness: Strictness
) -> Margins:
    """The margins that settle most messages while early and full model part over few of them.

    Of the settled messages none changes sides at 0.5, and none that is wanted is taken for unwanted: it would stand
    before threats that the full model ranks above it. `early` and `full` are out-of-fold probabilities of being
    unwanted, all of shape (n,).
    """
    spare = int(strictness.disagreement * len(early) + 1e-9)
    differs, crosses, doubt = differing(early, full, thresholds), differing(early, full, [EVEN]), 1 - strictness.certain
    lowest = _further(float(early[crosses].min(initial=EVEN)), 1 / strictness.slack)
    highest = _further(float(early[crosses | ~unwanted].max(initial=EVEN)), strictness.slack)
    below = _furthest(early, differs, (early > doubt) | (early >= lowest), spare)
    above = _furthest(-early, differs, (1 - early > doubt) | (early <= highest), spare)
    spent = max(range(spare + 1), key=lambda some: below[some][0] + above[spare - some][0])
    return Margins(below[spent][1], -above[spare - spent][1])


def _further(probability: float, factor: float) -> float:
    """A probability of so many times the odds."""
    return probability * factor / (1 - probability + probability * factor)


def _furthest(keys: Floats, differs: Bools, barred: Bools, spare: int) -> list[tuple[int, float]]:
    """(messages settled, key of the last one) in ascending order of key, where 0, 1, … `spare` of them may differ.

    None that is barred is among them; equal keys are settled together or not at all.
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    ends = np.flatnonzero(last & (np.cumsum(barred[order]) == 0))
    spent = np.cumsum(differs[order])[ends]
    reached = [int(np.searchsorted(spent, some, side="right")) for some in range(spare + 1)]
    return [(int(ends[n - 1]) + 1, float(ordered[ends[n - 1]])) if n else (0, -_NEVER) for n in reached]
