"""Which kind of wanted or unwanted mail a message is: the second question, asked once the first is settled.

Whether mail is a threat is learned from every message. Its kind is learned on either side alone, so that a corpus
that tells phishing from spam cannot make a corpus that does not look safer or worse.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ml.domain.verdict import WANTED, Label
from seg_ml.models.linear import LinearOptions, LinearText, bag_of, fit_linear_of

Floats = NDArray[np.float64]
_FILE = "kinds.json"


@dataclass(frozen=True)
class Side:
    """The labels of one side, and the linear model that tells them apart; `None` where there is one label only."""

    labels: tuple[str, ...]
    model: LinearText | None

    def shares(self, tokens: Sequence[str]) -> Floats:
        """How likely each label is, given that it is one of these; shape (labels,), sums to 1."""
        if self.model is None:
            return np.ones(1)
        logits = self.model.logits([tokens])[0]
        if len(self.labels) == 2:
            logits = np.array([0.0, logits[0]])
        scores = np.exp(logits - logits.max())
        return np.asarray(scores / scores.sum())


class Kinds:
    """Both sides. `labels` are all labels, wanted ones first, in the order of `Label`."""

    def __init__(self, wanted: Side, unwanted: Side) -> None:
        self.wanted, self.unwanted = wanted, unwanted
        self.labels = (*wanted.labels, *unwanted.labels)

    def spread(self, threat: Floats, tokens: Sequence[str]) -> Floats:
        """Probabilities (labels,) from those of being wanted and unwanted (2,)."""
        return np.concatenate([threat[0] * self.wanted.shares(tokens), threat[1] * self.unwanted.shares(tokens)])

    def save(self, folder: Path) -> None:
        """Write `kinds.json`, and a vocabulary and arrays for each side that has something to tell apart."""
        sides = {"wanted": self.wanted, "unwanted": self.unwanted}
        text = json.dumps({name: list(side.labels) for name, side in sides.items()})
        (folder / _FILE).write_text(text + "\n", encoding="utf-8")
        for name, side in sides.items():
            if side.model is not None:
                side.model.save(folder, f"kinds-{name}")

    @classmethod
    def load(cls, folder: Path) -> Kinds:
        """Read what `save` wrote."""
        data = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        sides = [
            Side(tuple(data[name]), LinearText.load(folder, f"kinds-{name}") if len(data[name]) > 1 else None)
            for name in ("wanted", "unwanted")
        ]
        return cls(*sides)


def fit_kinds(tokens: Sequence[Sequence[str]], labels: Sequence[str], options: LinearOptions, seed: int) -> Kinds:
    """Fit on token lists and the names of their labels; both sides must be there."""
    present = [label for label in Label if label.value in set(labels)]
    bag, sides = bag_of(tokens, options), []
    for names in ([n for n in present if n in WANTED], [n for n in present if n not in WANTED]):
        order = {name.value: index for index, name in enumerate(names)}
        rows = np.array([row for row, label in enumerate(labels) if label in order], np.intp)
        target = np.array([order[labels[row]] for row in rows], np.intp)
        model = fit_linear_of(bag, rows, target, options, seed).model() if len(names) > 1 else None
        sides.append(Side(tuple(order), model))
    return Kinds(*sides)
