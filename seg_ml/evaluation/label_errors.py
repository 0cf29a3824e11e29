"""Messages whose label may be wrong, by confident learning: out-of-fold probabilities against the labels given.

Source: Northcutt, Jiang, Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels (2021).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from seg_ml.evaluation.metrics import Bools, Floats


def confident_thresholds(threat: Floats, bad: Bools) -> tuple[float, float]:
    """Mean probability of the given label among messages that bear it: (of being wanted, of being unwanted)."""
    wanted = float((1 - threat[~bad]).mean()) if (~bad).any() else 1.0
    return wanted, float(threat[bad].mean()) if bad.any() else 1.0


def label_errors(threat: Floats, bad: Bools, names: ArrayLike) -> pd.DataFrame:
    """Messages that look like the other label at least as much as those do that bear it, the surest first.

    `threat` (n,) are probabilities by models that did not learn from the message, `bad` (n,) whether it is labelled
    unwanted.
    Columns: message, given, looks, probability (of the label that it looks like).
    """
    wanted, unwanted = confident_thresholds(threat, bad)
    like_bad = ~bad & (threat >= unwanted)
    like_ham = bad & (1 - threat >= wanted)
    table = pd.DataFrame(
        {
            "message": np.asarray(names),
            "given": np.where(bad, "unwanted", "wanted"),
            "looks": np.where(bad, "wanted", "unwanted"),
            "probability": np.where(bad, 1 - threat, threat),
        }
    )
    return table[like_bad | like_ham].sort_values("probability", ascending=False, kind="stable", ignore_index=True)


def confident_joint(threat: Floats, bad: Bools) -> pd.DataFrame:
    """How many messages of each given label (rows) look like each (columns); off the diagonal are the suspects."""
    found = label_errors(threat, bad, np.arange(len(bad)))["given"].value_counts()
    ham, spam = int(found.get("wanted", 0)), int(found.get("unwanted", 0))
    rows = [[int((~bad).sum()) - ham, ham], [spam, int(bad.sum()) - spam]]
    names = ["wanted", "unwanted"]
    return pd.DataFrame(rows, pd.Index(names, name="given"), pd.Index(names, name="looks"))
