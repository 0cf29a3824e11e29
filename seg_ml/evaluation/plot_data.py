"""What the pictures show, as tables: for DVC's plots and for whoever draws their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from seg_ml.domain.verdict import Label
from seg_ml.evaluation.metrics import curve, reliability
from seg_ml.evaluation.scores import of_model, predicted, threat, unwanted

POINTS = 500  # rows kept of a curve; more cannot be seen


def models_of(scores: pd.DataFrame) -> list[str]:
    """Models with scores on the test split, in order of appearance."""
    return [str(model) for model in scores.loc[scores["split"] == "test", "model"].drop_duplicates()]


def curve_points(scores: pd.DataFrame) -> pd.DataFrame:
    """Curves of every model: model, threshold, recall, precision, false_positive_rate; at most `POINTS` rows each.

    Corners at low false-positive rates are kept first: that is where the curves are read.
    """
    return pd.concat([_thinned(scores, model) for model in models_of(scores)], ignore_index=True)


def reliability_points(scores: pd.DataFrame, bins: int = 15) -> pd.DataFrame:
    """Promise and outcome of every model: model, probability, frequency, n."""
    tables = []
    for model in models_of(scores):
        rows = of_model(scores, model)
        tables.append(reliability(unwanted(rows), threat(rows), bins).assign(model=model))
    return pd.concat(tables, ignore_index=True)[["model", "probability", "frequency", "n"]]


def confusion(rows: pd.DataFrame) -> pd.DataFrame:
    """Messages by true label (index) and likeliest label (columns); labels that never occur are left out."""
    guessed = predicted(rows)
    known = [str(label) for label in Label]
    table = pd.crosstab(rows["label"].to_numpy(), guessed.to_numpy())
    return table.reindex(
        index=[label for label in known if label in set(rows["label"])],
        columns=[label for label in known if label in set(guessed) | set(rows["label"])],
        fill_value=0,
    )


def confusion_points(rows: pd.DataFrame) -> pd.DataFrame:
    """A row per message, as DVC's confusion template wants it: actual, predicted."""
    return pd.DataFrame({"actual": rows["label"].to_numpy(), "predicted": predicted(rows).to_numpy()})


def write_tables(tables: Mapping[str, pd.DataFrame], directory: Path) -> list[Path]:
    """Write each table as `<name>.csv`, floats with six digits."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{name}.csv" for name in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
    return paths


def _thinned(scores: pd.DataFrame, model: str) -> pd.DataFrame:
    rows = of_model(scores, model)
    points = curve(unwanted(rows), threat(rows)).iloc[1:]
    if len(points) > POINTS:
        steps = np.unique(np.geomspace(1, len(points), POINTS).astype(int) - 1)
        points = points.iloc[steps]
    return points.assign(model=model)[["model", "threshold", "recall", "precision", "false_positive_rate"]]
