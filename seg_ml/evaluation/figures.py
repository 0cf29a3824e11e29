"""The figures of one model on one split, each with its interval, as plain dictionaries."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seg_ml.evaluation.intervals import codes_of, percentile, resampled, with_certainty
from seg_ml.evaluation.metrics import (
    at_rate,
    at_threshold,
    auc,
    average_precision,
    brier,
    ece,
    threshold_at,
)
from seg_ml.evaluation.scores import of_model, threat, two_sided_corpora, unwanted
from seg_ml.evaluation.settings import EvaluationSettings
from seg_ml.evaluation.slices import slice_table
from seg_ml.evaluation.weighted import Ranked

DIGITS = 4


def key_of(rate: float) -> str:
    """Name of recall at a false-positive rate: 0.005 → `recall_at_0_5_percent`."""
    return f"recall_at_{rate * 100:g}_percent".replace(".", "_")


def model_figures(scores: pd.DataFrame, model: str, settings: EvaluationSettings) -> dict[str, Any]:
    """Everything measured of one model on the test split.

    Keys: `recall_at_<rate>_percent`, `average_precision`, `auc`, `f1`, `ece`, `brier` with `figure`, `low`, `high`;
    `latency_ms` with `p50`, `p95` where times are known; `slices` as {by: {value: figures}}.

    Raises:
        ConfigError: the table has no such rows.
    """
    rows = of_model(scores, model)
    validation = scores[(scores["model"] == model) & (scores["split"] == "validation")]
    threshold = threshold_at(unwanted(rows), threat(rows), settings.rate)
    table = slice_table(rows, threshold, settings.slice_minimum, settings.bins, settings.resamples, settings.seed)
    return {
        **recall_figures(rows, settings, validation),
        **_areas_and_errors(rows, threshold, settings),
        **latency(rows),
        "slices": nested(table),
    }


def recall_figures(
    rows: pd.DataFrame, settings: EvaluationSettings, validation: pd.DataFrame | None = None
) -> dict[str, dict[str, Any]]:
    """`recall_at_<rate>_percent` of one model's rows, with `figure`, `low`, `high`, `threshold`, `false_positives`.

    With rows of `validation` also what a threshold chosen there does here.
    """
    return {key_of(rate): _recall(rows, validation, rate, settings) for rate in settings.rates}


def out_of_fold_figures(rows: pd.DataFrame, settings: EvaluationSettings) -> dict[str, Any]:
    """Recalls and AUC of one model's out-of-fold rows: steadier than a test split, of models that learned a fold less.

    Keys: `messages`, `campaigns`, those of `recall_figures`, `auc`, and `corpora` with the same of each two-sided one.
    Nothing without wanted and unwanted rows.
    """
    if len(set(unwanted(rows))) < 2:
        return {}
    corpora = two_sided_corpora(rows) if rows["corpus"].nunique() > 1 else ()
    return {
        "messages": len(rows),
        "campaigns": int(rows["cluster"].nunique()),
        **recall_figures(rows, settings),
        "auc": auc(unwanted(rows), threat(rows)),
        "corpora": {name: out_of_fold_figures(rows[rows["corpus"] == name], settings) for name in corpora},
    }


def measured_on(rows: pd.DataFrame) -> dict[str, Any]:
    """What the figures were measured on: counts by label, campaigns, and a hash of the messages and labels."""
    lines = sorted(f"{sha} {label}" for sha, label in zip(rows["sha256"], rows["label"], strict=True))
    return {
        "messages": len(rows),
        "campaigns": int(rows["cluster"].nunique()),
        "labels": {str(label): int(count) for label, count in rows["label"].value_counts().sort_index().items()},
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }


def latency(rows: pd.DataFrame) -> dict[str, Any]:
    """Milliseconds of scoring one message: median, 95th percentile; nothing where no times were taken."""
    times = rows["milliseconds"].dropna() if "milliseconds" in rows else pd.Series(dtype=float)
    if times.empty:
        return {}
    return {"latency_ms": {"p50": float(times.quantile(0.5)), "p95": float(times.quantile(0.95))}}


def nested(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """A table of slices as {by: {value: {figure name: figure}}}."""
    found: dict[str, dict[str, Any]] = {}
    for row in table.to_dict("records"):
        found.setdefault(str(row.pop("by")), {})[str(row.pop("value"))] = row
    return found


def rounded(value: Any, digits: int = DIGITS) -> Any:
    """The same structure for JSON: floats rounded, NaN and infinities as `None`, numpy's types as Python's.

    A `threshold` keeps all its digits: rounded down it would flag the message it was set to spare.
    """
    if isinstance(value, Mapping):
        return {str(key): rounded(item, 17 if key == "threshold" else digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), digits) if math.isfinite(value) else None
    return value


def _recall(
    rows: pd.DataFrame, validation: pd.DataFrame | None, rate: float, settings: EvaluationSettings
) -> dict[str, Any]:
    bad, scores = unwanted(rows), threat(rows)
    point = at_rate(bad, scores, rate)
    ranked = Ranked(bad, scores)
    values = resampled(lambda weights: ranked.recall_at(weights, rate), rows["cluster"], *settings.bootstrap)
    interval = with_certainty(percentile(values), point.recall, rows.loc[bad, "cluster"].nunique())
    found: dict[str, Any] = {
        "figure": point.recall,
        "low": interval.low,
        "high": interval.high,
        "threshold": point.threshold,
        "false_positives": point.false_positives,
    }
    if validation is not None and not validation.empty:
        chosen = threshold_at(unwanted(validation), threat(validation), rate)
        carried = at_threshold(bad, scores, chosen)
        found["threshold_of_validation"] = {
            "threshold": chosen,
            "recall": carried.recall,
            "false_positive_rate": carried.false_positive_rate,
            "false_positives": carried.false_positives,
        }
    return found


def _areas_and_errors(rows: pd.DataFrame, threshold: float, settings: EvaluationSettings) -> dict[str, Any]:
    bad, scores, bins = unwanted(rows), threat(rows), settings.bins
    ranked, clusters = Ranked(bad, scores), codes_of(rows["cluster"])
    measured = {
        "average_precision": (average_precision(bad, scores), ranked.average_precision),
        "auc": (auc(bad, scores), ranked.auc),
        "f1": (at_threshold(bad, scores, threshold).f1, lambda weights: ranked.f1(weights, threshold)),
        "ece": (ece(bad, scores, bins), lambda weights: ranked.ece(weights, bins)),
        "brier": (brier(bad, scores), ranked.brier),
    }
    found = {}
    for name, (figure, statistic) in measured.items():
        interval = percentile(resampled(statistic, clusters, *settings.bootstrap))
        found[name] = {"figure": figure, "low": interval.low, "high": interval.high}
    return found
