"""Messages whose label may be wrong, by confident learning: out-of-fold probabilities against the labels given.

Source: Northcutt, Jiang, Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels (2021); by cleanlab.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from numpy.typing import ArrayLike

from seg_ml.evaluation.metrics import Bools, Floats

_NAMES = ("wanted", "unwanted")


def label_errors(threat: Floats, bad: Bools, names: ArrayLike) -> pd.DataFrame:
    """Messages that bear the other label more likely than not, the surest first.

    `threat` (n,) are probabilities by models that did not learn from the message, `bad` (n,) whether it is labelled
    unwanted.
    Columns: message, given, looks, probability (of the label that it looks like).
    """
    suspects = np.zeros(0, np.intp)
    if 0 < bad.sum() < len(bad):
        suspects = find_label_issues(
            bad.astype(int), _both(threat), return_indices_ranked_by="self_confidence", n_jobs=1
        )
    given = bad[suspects].astype(int)
    return pd.DataFrame(
        {
            "message": np.asarray(names)[suspects],
            "given": [_NAMES[label] for label in given],
            "looks": [_NAMES[1 - label] for label in given],
            "probability": _both(threat)[suspects, 1 - given],
        }
    )


def confident_joint(threat: Floats, bad: Bools) -> pd.DataFrame:
    """How many messages of each given label (rows) bear each in truth (columns), as estimated."""
    counts = np.diag([int((~bad).sum()), int(bad.sum())])
    if 0 < bad.sum() < len(bad):
        counts = compute_confident_joint(bad.astype(int), _both(threat))
    return pd.DataFrame(counts, pd.Index(_NAMES, name="given"), pd.Index(_NAMES, name="looks"))


def _both(threat: Floats) -> Floats:
    return np.column_stack([1.0 - threat, threat])
