"""Pictures of an evaluation. Each function returns a `Figure` that pyplot has let go of: a notebook shows it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seg_ml.corpora.overview import COLOURS
from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.metrics import at_rate, average_precision, curve, reliability
from seg_ml.evaluation.plot_data import confusion, models_of
from seg_ml.evaluation.scores import of_model, threat, unwanted

Place = Literal["lower left", "lower right", "upper center"]

LINES = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ccbb44", "#66ccee", "#222222")
"""Paul Tol's bright scheme: told apart by colour-blind readers too."""


def precision_recall(scores: pd.DataFrame, rates: Sequence[float]) -> Figure:
    """Precision over recall of every model; dots are the operating points at the false-positive rates."""
    figure, axes = _canvas("precision and recall", "recall (share of unwanted mail flagged)", "precision")
    for model, colour in zip(models_of(scores), LINES * 2, strict=False):
        rows = of_model(scores, model)
        bad, values = unwanted(rows), threat(rows)
        points = curve(bad, values)
        name = f"{model} (average precision {average_precision(bad, values):.3f})"
        axes.step(points["recall"], points["precision"], where="pre", color=colour, label=name)
        for rate, marker in zip(sorted(rates), "ov^sD", strict=False):
            point = at_rate(bad, values, rate)
            axes.plot(point.recall, point.precision, marker, color=colour, markersize=6, markeredgecolor="white")
    for rate, marker in zip(sorted(rates), "ov^sD", strict=False):
        axes.plot([], [], marker, color="grey", label=f"at {percent(rate)} false positives", linestyle="none")
    axes.set(xlim=(0, 1.01), ylim=(0.5, 1.01))
    return _legend(figure, axes, "lower left")


def low_rate_roc(scores: pd.DataFrame, rates: Sequence[float]) -> Figure:
    """Recall over the false-positive rate on a logarithmic axis, where a mail filter lives."""
    figure, axes = _canvas("recall at low false-positive rates", "false-positive rate", "recall")
    ham = int((~unwanted(of_model(scores, models_of(scores)[0]))).sum())
    lowest = 0.5 / max(1, ham)
    for model, colour in zip(models_of(scores), LINES * 2, strict=False):
        rows = of_model(scores, model)
        points = curve(unwanted(rows), threat(rows))
        shown = points["false_positive_rate"].clip(lower=lowest)
        axes.step(shown, points["recall"], where="post", color=colour, label=model)
    for rate in rates:
        axes.axvline(rate, color="grey", linewidth=0.7, linestyle=":")
        axes.annotate(percent(rate), (rate, 1.0), xytext=(2, 3), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlim=(lowest, 1), ylim=(0, 1.05))
    axes.set_xlabel(f"false-positive rate (left edge: none of {ham:,} wanted messages)")
    return _legend(figure, axes, "lower right")


def reliability_diagram(rows: pd.DataFrame, bins: int = 15) -> Figure:
    """Outcome over promise in bins of equal mass, and below how many messages got which probability."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(6, 6), sharex=True, height_ratios=[3, 1], layout="constrained")
    plt.close(figure)
    table = reliability(unwanted(rows), threat(rows), bins)
    above.plot([0, 1], [0, 1], color="grey", linewidth=0.8, label="perfect")
    spread = 1.96 * np.sqrt(table["frequency"] * (1 - table["frequency"]) / table["n"])
    above.errorbar(table["probability"], table["frequency"], yerr=spread, fmt="o-", color=LINES[0], label="measured")
    above.set(ylabel="share unwanted", title="reliability", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    above.legend(fontsize=8)
    below.hist(threat(rows), bins=50, range=(0, 1), color=LINES[0])
    below.set(xlabel="probability of being unwanted", ylabel="messages", yscale="log")
    return figure


def confusion_matrix(rows: pd.DataFrame) -> Figure:
    """Likeliest label over true label, counted; shaded by the share of the true label."""
    table = confusion(rows)
    figure, axes = _canvas("likeliest label", "predicted", "true")
    counts = table.to_numpy()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(table.columns)), list(table.columns))
    axes.set_yticks(range(len(table.index)), list(table.index))
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.6 else "black"
        text = f"{count:,}\n{shares[row, column]:.1%}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
    axes.grid(visible=False)
    return figure


def score_histogram(rows: pd.DataFrame, threshold: float | None = None) -> Figure:
    """How many messages of each label got which probability; the count is logarithmic, for the tails matter."""
    figure, axes = _canvas("probabilities by label", "probability of being unwanted", "messages")
    for label, group in rows.groupby("label"):
        colour = COLOURS[str(label)]
        axes.hist(threat(group), bins=40, range=(0, 1), histtype="step", color=colour, linewidth=1.6, label=str(label))
    if threshold is not None and np.isfinite(threshold):
        axes.axvline(threshold, color="black", linewidth=0.9, linestyle="--", label=f"threshold {threshold:.3f}")
    axes.set(yscale="log", xlim=(0, 1))
    return _legend(figure, axes, "upper center")


def threshold_sweep(points: pd.DataFrame, thresholds: Mapping[str, float]) -> Figure:
    """What each threshold does (`thresholds.sweep`): recall and F1 above, false positives below, logarithmic.

    `thresholds` are marked by name.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 5.4), sharex=True, layout="constrained")
    plt.close(figure)
    above.step(points["threshold"], points["recall"], where="pre", color=LINES[0], label="recall")
    above.step(points["threshold"], points["f1"], where="pre", color=LINES[2], label="F1")
    shown = points["false_positive_rate"].replace(0.0, np.nan)
    below.step(points["threshold"], shown, where="pre", color=LINES[1])
    for name, value in thresholds.items():
        for axes in (above, below):
            axes.axvline(value, color="grey", linewidth=0.8, linestyle=":")
        below.annotate(
            name,
            (value, 1.0),
            xytext=(-2, -3),
            textcoords="offset points",
            fontsize=8,
            rotation=90,
            va="top",
            ha="right",
        )
    above.set(ylabel="share", ylim=(0, 1.02), title="what a threshold does")
    above.legend(fontsize=8, loc="lower left")
    below.set(xlabel="threshold on the probability", ylabel="false-positive rate", yscale="log", xlim=(0, 1))
    return figure


def slice_forest(table: pd.DataFrame) -> Figure:
    """Recall (left) and false positives (right) of each slice with intervals; small slices are hollow."""
    size = (9, 0.24 * len(table) + 1.6)
    figure, (left, right) = plt.subplots(1, 2, figsize=size, sharey=True, layout="constrained")
    plt.close(figure)
    heights = np.arange(len(table))[::-1]
    _forest(left, table, heights, "recall", LINES[0])
    _forest(right, table, heights, "false_positive_rate", LINES[1])
    names = [f"{by}: {value} ({n:,})" for by, value, n in zip(table["by"], table["value"], table["n"], strict=True)]
    left.set_yticks(heights, names, fontsize=8)
    left.set(xlabel="recall", ylim=(-0.7, len(table) - 0.3))
    # One message in a tiny slice may be 100 %; below 1 % the axis is linear, so that 0 has its place.
    right.set_xscale("symlog", linthresh=0.01)
    right.set(xlabel="false-positive rate", xlim=(-0.001, 1.1))
    figure.suptitle("slices at the overall threshold (messages)", fontsize=11)
    return figure


def save(figures: dict[str, Figure], directory: Path) -> list[Path]:
    """Write each figure as `<name>.png`; the same bytes for the same scores."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"{name}.png" for name in figures]
    for path, figure in zip(paths, figures.values(), strict=True):
        figure.savefig(path, dpi=120, metadata={"Software": None})
    return paths


def _forest(axes: Axes, table: pd.DataFrame, heights: np.ndarray, name: str, colour: str) -> None:
    low, high = table[f"{name}_low"], table[f"{name}_high"]
    axes.hlines(heights, low, high, color=colour, linewidth=1.2)
    for small, fill in ((False, colour), (True, "white")):
        chosen = (table["small"] == small).to_numpy()
        axes.scatter(table.loc[chosen, name], heights[chosen], s=28, facecolor=fill, edgecolor=colour, zorder=3)
    axes.grid(visible=True, axis="x", linewidth=0.4)


def _canvas(title: str, xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(7, 4.6), layout="constrained")
    plt.close(figure)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.grid(visible=True, linewidth=0.4)
    return figure, axes


def _legend(figure: Figure, axes: Axes, where: Place) -> Figure:
    axes.legend(fontsize=8, loc=where)
    return figure
