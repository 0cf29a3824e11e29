"""Readers of text under study: recall where a mail filter lives, telling words, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seg_ml.artifact.explain import explain
from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.intervals import percentile, resampled
from seg_ml.evaluation.metrics import at_rate, average_precision, curve
from seg_ml.evaluation.weighted import Ranked
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold
from seg_ml.models.linear import LinearOptions, LinearText, bag_of, fit_linear, fit_linear_of
from seg_ml.training.development import Development
from seg_ml.training.research.canvas import canvas, count_axis, name, panels, signed_bars

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_LINES = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ccbb44", "#222222")


def fit_rows(data: Development, options: LinearOptions, rows: Indices, seed: int) -> LinearText:
    """The linear model of some development messages."""
    return fit_linear([data.tokens[row] for row in rows], data.target[rows], options, seed)


def held_out_logits(data: Development, options: LinearOptions, folds: int, seed: int) -> Floats:
    """Logits (n, outputs) of each message by a linear model that never saw its campaign."""
    bag = bag_of(data.tokens, options)

    def fit_and_score(fit: Indices, held_out: Indices) -> Floats:
        return fit_linear_of(bag, fit, data.target[fit], options, seed).logits(held_out)

    pairs = list(cluster_folds(data.target, data.clusters, folds, seed))
    return out_of_fold(fit_and_score, pairs, len(data.target))


def threat_score(logits: Floats) -> Floats:
    """One number a message, higher for unwanted mail: the only logit, or how far the first label is from the best."""
    return logits[:, 0] if logits.shape[1] == 1 else np.asarray(logits[:, 1:].max(axis=1) - logits[:, 0])


def recall_table(
    data: Development, scores: Mapping[str, Floats], rates: Sequence[float], resamples: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Recall of each model (rows) at each false-positive rate, with its interval (95 %, by campaign)."""
    rows = []
    for model, values in scores.items():
        ranked = Ranked(data.threat, values)
        for rate in rates:
            drawn = resampled(lambda weights, ranked=ranked, rate=rate: ranked.recall_at(weights, rate),  # type: ignore[misc]
                              data.clusters, resamples, seed)  # fmt: skip
            ends = percentile(drawn)
            point = at_rate(data.threat, values, rate)
            alarms = point.false_positives
            rows.append([model, percent(rate), point.recall, ends.low, ends.high, alarms])
    columns = ["model", "false positives allowed", "recall", "low", "high", "wanted messages flagged"]
    return pd.DataFrame(rows, columns=columns).set_index(["model", "false positives allowed"])


def plot_recall(bad: Bools, scores: Mapping[str, Floats], rates: Sequence[float]) -> Figure:
    """Recall over the false-positive rate, logarithmic; the left edge is no false positive at all."""
    ham = max(1, int((~bad).sum()))
    lowest = 0.5 / ham
    xlabel = f"false-positive rate (left edge: none of {ham:,} wanted messages)"
    figure, axes = canvas("recall at low false-positive rates, out of fold", xlabel, "recall")
    for (model, values), colour in zip(scores.items(), _LINES, strict=False):
        points = curve(bad, values)
        label = f"{model} (average precision {average_precision(bad, values):.4f})"
        touched = points["false_positive_rate"].clip(lower=lowest)
        axes.step(touched, points["recall"], where="post", color=colour, label=label)
    for rate in rates:
        if rate > lowest:
            axes.axvline(rate, color="grey", linewidth=0.7, linestyle=":")
            axes.annotate(percent(rate), (rate, 0.02), xytext=(3, 0), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlim=(lowest, 1), ylim=(0, 1.02))
    axes.legend(fontsize=8, loc="lower right")
    return figure


def telling_words(model: LinearText, count: int = 20, output: int = 0) -> pd.DataFrame:
    """The words with the greatest weight for (positive) and against unwanted mail; index: the word as people read it.

    `weight` is what one occurrence adds to the logit before the length of the message is taken out.
    """
    words = np.array(sorted(model.vocabulary, key=model.vocabulary.__getitem__))
    weights = model.coef[output] * model.weight
    order = np.argsort(-weights, kind="stable")
    some = min(count, len(order) // 2)
    chosen = np.concatenate([order[:some], order[len(order) - some :]])
    index = pd.Index([_readable(str(word)) for word in words[chosen]], name="word")
    return pd.DataFrame({"weight": weights[chosen]}, index=index)


def _readable(word: str) -> str:
    """As verdicts show it."""
    return explain("", 0.0, [(word, 0.0)], ()).words[0][0]


def plot_words(table: pd.DataFrame) -> Figure:
    """The most telling words on either side."""
    half = len(table) // 2
    figure, axes = panels(2, (10, 0.2 * half + 1.6))
    for side, rows, title in (
        (axes[0], table.iloc[:half], "speak for unwanted mail"),
        (axes[1], table.iloc[half:][::-1], "speak for wanted mail"),
    ):
        name(side, title, "weight of one occurrence in the logit", "")
        signed_bars(side, list(rows.index), rows["weight"].to_numpy())
    return figure


def learning_curve(
    data: Development, options: LinearOptions, shares: Sequence[float], rate: float, seed: int, repeats: int = 3
) -> pd.DataFrame:
    """Recall and average precision on a held-out fifth of the campaigns, over how much of the rest is learned from.

    Columns: messages, repeat, recall, average_precision. Whole campaigns are drawn, and each repeat holds out others.
    """
    rows, bag = [], bag_of(data.tokens, options)
    folds = list(cluster_folds(data.target, data.clusters, 5, seed))[:repeats]
    for repeat, (fit, held_out) in enumerate(folds):
        campaigns = np.random.default_rng(seed + repeat).permutation(np.unique(data.clusters[fit]))
        for share in shares:
            kept = campaigns[: max(2, round(share * len(campaigns)))]
            some = fit[np.isin(data.clusters[fit], kept)]
            if len(np.unique(data.target[some])) < 2:
                continue
            model = fit_linear_of(bag, some, data.target[some], options, seed)
            scores = threat_score(model.logits(held_out))
            bad = data.threat[held_out]
            recall = at_rate(bad, scores, rate).recall
            rows.append([len(some), repeat, share, recall, average_precision(bad, scores)])
    return pd.DataFrame(rows, columns=["messages", "repeat", "share", "recall", "average_precision"])


def plot_learning_curve(table: pd.DataFrame, rate: float) -> Figure:
    """Every repeat as a thin line, their mean as a thick one."""
    figure, axes = panels(2, (10, 3.8))
    measures = (("recall", f"recall at {percent(rate)} false positives"), ("average_precision", "average precision"))
    for side, (column, title), colour in zip(axes, measures, _LINES, strict=False):
        for _, rows in table.groupby("repeat"):
            side.plot(rows["messages"], rows[column], color=colour, linewidth=0.8, alpha=0.5)
        mean = table.groupby("share")[["messages", column]].mean()
        side.plot(mean["messages"], mean[column], "o-", color=colour, linewidth=2, label="mean of the repeats")
        name(side, title, "messages learned from", "on campaigns held out")
        count_axis(side)
        side.legend(fontsize=8, loc="lower right")
    return figure
