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
from seg_ml.evaluation.scores import threat, two_sided_corpora, unwanted

_NAMES = ("wanted", "unwanted")


def label_errors(probabilities: Floats, bad: Bools, names: ArrayLike) -> pd.DataFrame:
    """Messages that bear the other label more likely than not, the surest first.

    `probabilities` (n,) are those by models that did not learn from the message, `bad` (n,) whether it is labelled
    unwanted.
    Columns: message, given, looks, probability (of the label that it looks like).
    """
    suspects = np.zeros(0, np.intp)
    if 0 < bad.sum() < len(bad):
        suspects = find_label_issues(
            bad.astype(int), _both(probabilities), return_indices_ranked_by="self_confidence", n_jobs=1
        )
    given = bad[suspects].astype(int)
    return pd.DataFrame(
        {
            "message": np.asarray(names)[suspects],
            "given": [_NAMES[label] for label in given],
            "looks": [_NAMES[1 - label] for label in given],
            "probability": _both(probabilities)[suspects, 1 - given],
        }
    )


def listed(scores: pd.DataFrame) -> pd.DataFrame:
    """Suspects of every corpus, judged corpus by corpus where it has both sides, else among all mail.

    `scores` are rows of one model that did not learn from the messages. Columns: sha256, corpus, kind, label, looks,
    probability; the surest first. The list says where to look; it changes nothing.
    """
    found = []
    two_sided = set(two_sided_corpora(scores))
    for _, rows in scores.groupby(scores["corpus"].where(scores["corpus"].isin(two_sided), "")):
        suspects = label_errors(threat(rows), unwanted(rows), rows["sha256"])
        about = rows.set_index("sha256").loc[suspects["message"], ["corpus", "kind", "label"]].reset_index()
        found.append(about.assign(looks=suspects["looks"], probability=suspects["probability"].round(4)))
    columns = ["sha256", "corpus", "kind", "label", "looks", "probability"]
    everything = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return everything[columns].sort_values(["probability", "sha256"], ascending=[False, True], ignore_index=True)


def confident_joint(probabilities: Floats, bad: Bools) -> pd.DataFrame:
    """How many messages of each given label (rows) bear each in truth (columns), as estimated."""
    counts = np.diag([int((~bad).sum()), int(bad.sum())])
    if 0 < bad.sum() < len(bad):
        counts = compute_confident_joint(bad.astype(int), _both(probabilities))
    return pd.DataFrame(counts, pd.Index(_NAMES, name="given"), pd.Index(_NAMES, name="looks"))


def _both(probabilities: Floats) -> Floats:
    return np.column_stack([1.0 - probabilities, probabilities])
