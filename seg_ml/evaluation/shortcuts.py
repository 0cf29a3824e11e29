"""Baselines that see no threat at all: the year alone, the names of header fields alone.

What they reach is what a corpus gives away for free. Their scores have the form of any model's, so they stand in
every table beside the models that read the mail; a model that is hardly better has learned the corpus.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression

from seg_ml.corpora.leaks import header_names
from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.metrics import Bools, Floats
from seg_ml.evaluation.scores import unwanted

YEAR, HEADER_NAMES = "year only", "header names only"
CARRIED = ["sha256", "split", "corpus", "kind", "label", "cluster", "language", "year", "size"]


def shortcut_scores(messages: pd.DataFrame, splits: pd.DataFrame) -> pd.DataFrame:
    """Scores of both baselines on validation and test, fitted on train, in the form of `scores.REQUIRED`.

    `messages` are prepared ones, with `raw`; `splits` has sha256 and split.

    Raises:
        ConfigError: the training split lacks wanted or unwanted mail.
    """
    rows = messages.merge(splits[["sha256", "split"]], on="sha256").sort_values("sha256", ignore_index=True)
    train = np.asarray(rows["split"] == "train", dtype=np.bool_)
    bad = unwanted(rows)
    if bad[train].all() or not bad[train].any():
        raise ConfigError("the training split holds one class only: add a corpus of the other")
    found = [(YEAR, by_year(rows["year"], bad, train)), (HEADER_NAMES, by_header_names(rows["raw"], bad, train))]
    scored = [rows.loc[~train, CARRIED].assign(model=name, threat=threat[~train]) for name, threat in found]
    return pd.concat(scored, ignore_index=True)


def by_year(years: pd.Series, bad: Bools, train: Bools) -> Floats:
    """Share of unwanted mail in the training mail of the same year, one message of each class added; shape (n,)."""
    known = pd.Series(pd.to_numeric(years).astype("Int64").astype("string").fillna("unknown").to_numpy())
    counted = pd.DataFrame({"year": known[train], "bad": bad[train]}).groupby("year")["bad"].agg(["sum", "count"])
    shares = (counted["sum"] + 1) / (counted["count"] + 2)
    return known.map(shares).fillna(float(bad[train].mean())).to_numpy(dtype=np.float64)


def by_header_names(raw: pd.Series, bad: Bools, train: Bools) -> Floats:
    """Probability by a logistic regression on which header fields are there; shape (n,)."""
    names = [sorted(header_names(message)) for message in raw]
    present = FeatureHasher(n_features=2**12, input_type="string", alternate_sign=False).transform(names)
    model = LogisticRegression(solver="liblinear").fit(present[train], bad[train])
    return np.asarray(model.predict_proba(present)[:, 1], dtype=np.float64)
