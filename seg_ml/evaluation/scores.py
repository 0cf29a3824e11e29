"""The table of scores that evaluation reads: one row per message, split and model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import WANTED, Label
from seg_ml.evaluation.metrics import Bools, Floats

REQUIRED = ("sha256", "split", "corpus", "kind", "label", "cluster", "language", "year", "size", "model", "threat")
"""Columns that must be there. `threat` is the calibrated probability that the message is unwanted, in [0, 1].

`p_<label>` (probabilities), `milliseconds` (time of scoring one message), `html` (whether it has an HTML part),
`genre` (see `genres`) and `representation` (what the model decides on, numbers of one length) may be there too.
"""

SIZE_BANDS = ((2_000, "under 2 kB"), (10_000, "2 to 10 kB"), (50_000, "10 to 50 kB"), (np.inf, "over 50 kB"))


def read_scores(path: Path) -> pd.DataFrame:
    """Read and check a table of scores.

    Raises:
        ConfigError: there is no such file, or `checked` finds something wrong.
    """
    if not path.is_file():
        raise ConfigError(f"{path} does not exist: score the messages first (dvc repro)")
    return checked(pd.read_parquet(path), str(path))


def checked(scores: pd.DataFrame, name: str = "scores") -> pd.DataFrame:
    """The same table, if it can be evaluated.

    Raises:
        ConfigError: a column is missing, a message stands twice, a label is unknown or a score is no probability.
    """
    missing = [column for column in REQUIRED if column not in scores]
    if missing:
        raise ConfigError(f"{name}: no column {missing[0]!r}; needed are {', '.join(REQUIRED)}")
    if scores.duplicated(["sha256", "split", "model"]).any():
        twice = scores.loc[scores.duplicated(["sha256", "split", "model"]), "sha256"].iloc[0]
        raise ConfigError(f"{name}: message {twice} stands twice for one model and split")
    unknown = set(scores["label"].unique()) - {str(label) for label in Label}
    if unknown:
        raise ConfigError(f"{name}: unknown label {min(unknown)!r}; known are {', '.join(Label)}")
    if not scores["threat"].between(0, 1).all():
        worst = scores.loc[~scores["threat"].between(0, 1)].iloc[0]
        raise ConfigError(f"{name}: model {worst['model']!r} gave {worst['threat']}, which is no probability")
    return scores


def of_model(scores: pd.DataFrame, model: str, split: str = "test") -> pd.DataFrame:
    """Rows of one model and split, ordered by message, so that models can be laid side by side.

    Raises:
        ConfigError: there are none.
    """
    rows = scores[(scores["model"] == model) & (scores["split"] == split)]
    if rows.empty:
        known = ", ".join(sorted(scores["model"].unique()))
        raise ConfigError(f"no scores of model {model!r} on split {split!r}; there are models {known}")
    return rows.sort_values("sha256", ignore_index=True)


def paired(scores: pd.DataFrame, model: str, other: str, split: str = "test") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of two models over the same messages in the same order.

    Raises:
        ConfigError: they scored different messages.
    """
    left, right = of_model(scores, model, split), of_model(scores, other, split)
    if list(left["sha256"]) != list(right["sha256"]):
        raise ConfigError(f"models {model!r} and {other!r} scored different messages of split {split!r}: score again")
    return left, right


def unwanted(rows: pd.DataFrame) -> Bools:
    """Whether each message is one its recipient should not get, shape (n,)."""
    return np.asarray(~rows["label"].isin([str(label) for label in WANTED]), dtype=np.bool_)


def two_sided_corpora(rows: pd.DataFrame) -> list[str]:
    """Corpora that hold wanted and unwanted mail, by name."""
    share = pd.Series(unwanted(rows)).groupby(rows["corpus"].to_numpy()).mean()
    return [str(corpus) for corpus in share.index[(share > 0) & (share < 1)]]


def threat(rows: pd.DataFrame) -> Floats:
    """Calibrated probability that each message is unwanted, shape (n,), in [0, 1]."""
    return rows["threat"].to_numpy(dtype=np.float64)


def probability_columns(rows: pd.DataFrame) -> Sequence[str]:
    """Columns `p_<label>` that hold a number for every row, in the order of the labels."""
    names = [f"p_{label}" for label in Label]
    return [name for name in names if name in rows and rows[name].notna().all()]


def predicted(rows: pd.DataFrame) -> pd.Series:
    """Likeliest label of each message; ham or spam by an even threat where a model tells no more than that."""
    columns = list(probability_columns(rows))
    if not columns:
        return pd.Series(np.where(threat(rows) >= 0.5, "spam", "ham"), index=rows.index)
    return rows[columns].idxmax(axis=1).str.slice(len("p_"))


def size_band(sizes: pd.Series) -> pd.Series:
    """The band of each size in bytes, smallest band first in its order."""
    edges = [-np.inf, *(edge for edge, _ in SIZE_BANDS)]
    return pd.cut(sizes, edges, right=False, labels=[name for _, name in SIZE_BANDS])
