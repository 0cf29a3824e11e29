"""How well something that is no threat tells two corpora apart: the names of headers, or the year alone.

A pair of *ham* corpora that such a classifier separates shows that it knows the corpus, and a pair of ham
and unwanted mail that it separates may be told apart by the same means.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from seg_ml.corpora.dates import sent_at
from seg_ml.mail.headers import parse_fields
from seg_ml.mail.limits import DEFAULT_LIMITS
from seg_ml.mail.mime import split_header_block
from seg_ml.mail.parse import parse
from seg_ml.mail.sender_side import strip_recipient_side

SEEN_BY = ("header names as fetched", "header names kept", "year")
FOLDS = 3


def sample(raw_paths: Sequence[Path], each: int = 300, seed: int = 7) -> pd.DataFrame:
    """At most `each` messages per corpus and label: columns group, label, names, kept, year.

    `group` is "corpus label"; `names` and `kept` are the header names as fetched and without the recipient's
    side; `year` is NaN where unknown.
    """
    columns = ["corpus", "label", "raw"]
    frame = pd.concat([pq.read_table(path, columns=columns).to_pandas() for path in raw_paths], ignore_index=True)
    chosen = frame.sample(frac=1, random_state=seed).groupby(["corpus", "label"]).head(each).sort_index()
    sent = [sent_at(parse(raw)) for raw in chosen["raw"]]
    return pd.DataFrame(
        {
            "group": chosen["corpus"] + " " + chosen["label"],
            "label": chosen["label"],
            "names": [header_names(raw) for raw in chosen["raw"]],
            "kept": [header_names(strip_recipient_side(raw)) for raw in chosen["raw"]],
            "year": [float(moment.year) if moment else np.nan for moment in sent],
        }
    )


def header_names(raw: bytes) -> frozenset[str]:
    """Names of the header fields of a message, in lower case."""
    fields, _ = parse_fields(split_header_block(raw)[0], DEFAULT_LIMITS)
    return frozenset(field.name.lower() for field in fields)


def leaks(sampled: pd.DataFrame) -> pd.DataFrame:
    """AUC per pair of groups and means of telling them apart: columns left, right, same_label, seen_by, auc.

    An AUC of 0.5 tells nothing, 1.0 tells all. Those of header names are cross-validated.
    """
    groups = {str(name): rows for name, rows in sampled.groupby("group") if len(rows) >= FOLDS}
    return pd.DataFrame(
        [
            {
                "left": left,
                "right": right,
                "same_label": groups[left]["label"].iloc[0] == groups[right]["label"].iloc[0],
                "seen_by": seen_by,
                "auc": value,
            }
            for left, right in combinations(groups, 2)
            for seen_by, value in zip(SEEN_BY, _aucs(groups[left], groups[right]), strict=True)
        ]
    )


def _aucs(left: pd.DataFrame, right: pd.DataFrame) -> tuple[float, float, float]:
    both = pd.concat([left, right])
    side = np.r_[np.zeros(len(left)), np.ones(len(right))]
    return _auc_of_names(both["names"], side), _auc_of_names(both["kept"], side), _auc_of_year(both["year"], side)


def _auc_of_names(names: pd.Series[str], side: NDArray[np.float64]) -> float:
    """Of a logistic regression on which header names are there."""
    present = FeatureHasher(n_features=2**12, input_type="string", alternate_sign=False).transform(map(sorted, names))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    scores = cross_val_predict(
        LogisticRegression(solver="liblinear"), present, side, cv=folds, method="decision_function"
    )
    return float(roc_auc_score(side, scores))


def _auc_of_year(years: pd.Series[float], side: NDArray[np.float64]) -> float:
    """Of a threshold on the year, whichever way it points; unknown years lie in the middle."""
    auc = float(roc_auc_score(side, years.fillna(years.median()).fillna(0)))
    return max(auc, 1 - auc)
