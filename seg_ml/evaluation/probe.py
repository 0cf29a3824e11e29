"""Does a representation know which collection a wanted message came from?

Among wanted mail there is no threat to find. Where a plain classifier still names the corpus of a message whose
campaign it never saw, the representation carries the collection itself, and a model over it may learn that
instead of the threat.

Source: Alain & Bengio, Understanding intermediate layers using linear classifier probes (2016).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from seg_ml.evaluation.intervals import codes_of
from seg_ml.evaluation.metrics import Floats, Ints, auc
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold

FOLDS = 3
_HASHED = 2**14


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe reached on campaigns that it never saw.

    `auc` is the mean over groups of telling one from the rest; `balanced_accuracy` the mean share of each group
    that was named right, for which chance gives `chance`. `shuffled_auc` is what the same probe reaches where
    groups are dealt out anew among campaigns: about 0.5, and how far from it says how much to make of `auc`. All
    are NaN where nothing could be measured, and `reason` says why.
    """

    messages: int
    groups: int
    auc: float = math.nan
    shuffled_auc: float = math.nan
    balanced_accuracy: float = math.nan
    chance: float = math.nan
    reason: str = ""


def probe(matrix: Any, groups: ArrayLike, clusters: ArrayLike, seed: int = 0) -> Probe:
    """Guess the group (corpus) of each message from its row.

    `matrix` is of shape (n, dim), dense or sparse; `groups` and `clusters` of shape (n,). Give wanted mail only.
    Groups with fewer campaigns than folds are left out.
    """
    names, campaigns = np.asarray(groups).astype(str), codes_of(clusters)
    counted = pd.DataFrame({"group": names, "cluster": campaigns}).groupby("group")["cluster"].nunique()
    enough = [str(name) for name, count in counted.items() if count >= FOLDS]
    if len(enough) < 2:
        found = enough[0] if enough else "none"
        reason = f"only one group with {FOLDS} campaigns or more ({found}): there is nothing to tell apart"
        return Probe(len(names), len(enough), reason=reason)
    rows = np.flatnonzero(np.isin(names, enough))
    kept, target = matrix[rows], codes_of(names[rows])
    scores = _scores(kept, target, campaigns[rows], seed)
    dealt = _dealt_anew(target, campaigns[rows], seed)
    return Probe(
        messages=len(rows),
        groups=len(enough),
        auc=_mean_auc(target, scores),
        shuffled_auc=_mean_auc(dealt, _scores(kept, dealt, campaigns[rows], seed)),
        balanced_accuracy=float(balanced_accuracy_score(target, scores.argmax(axis=1))),
        chance=1 / len(enough),
    )


def probe_table(
    representations: Mapping[str, Any], groups: ArrayLike, clusters: ArrayLike, seed: int = 0
) -> pd.DataFrame:
    """A row per representation, the fields of `Probe` as columns."""
    found = {name: asdict(probe(matrix, groups, clusters, seed)) for name, matrix in representations.items()}
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("seen by the probe")


def token_counts(documents: Iterable[Sequence[str]]) -> csr_matrix:
    """Words as a probe sees them: log1p of hashed counts, shape (n, 16384), sparse."""
    hasher = FeatureHasher(n_features=_HASHED, input_type="string", alternate_sign=False)
    return hasher.transform(documents).log1p()


def _scores(matrix: Any, target: Ints, clusters: Ints, seed: int) -> Floats:
    """Probabilities (n, groups), out of fold."""
    count = int(target.max()) + 1

    def fit_and_score(fit: Indices, held_out: Indices) -> NDArray[np.float64]:
        scale = Normalizer() if issparse(matrix) else StandardScaler()
        model = make_pipeline(scale, LogisticRegression(max_iter=300, class_weight="balanced"))
        if len(set(target[fit])) < 2:  # a group dealt to one fold alone
            return np.full((len(held_out), count), 1 / count)
        model.fit(matrix[fit], target[fit])
        scores = np.zeros((len(held_out), count))
        scores[:, model.classes_] = model.predict_proba(matrix[held_out])
        return scores

    return out_of_fold(fit_and_score, list(cluster_folds(target, clusters, FOLDS, seed)), len(target))


def _dealt_anew(target: Ints, clusters: Ints, seed: int) -> Ints:
    """Groups changed round among campaigns: whole campaigns get the group of another campaign's first message."""
    codes, first = np.unique(clusters, return_index=True)
    shuffled = np.random.default_rng(seed).permutation(target[first])
    dealt = shuffled[np.searchsorted(codes, clusters)]
    return codes_of(dealt)


def _mean_auc(target: Ints, scores: Floats) -> float:
    present = [group for group in range(scores.shape[1]) if 0 < (target == group).sum() < len(target)]
    return float(np.mean([auc(target == group, scores[:, group]) for group in present])) if present else math.nan
