"""Corpora left out, small: one linear model on words, one on findings, and what they say together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seg_ml.evaluation.metrics import Bools, Floats, at_rate, auc
from seg_ml.models.bag import Bag
from seg_ml.models.folds import Indices, cluster_folds, out_of_fold
from seg_ml.models.linear import LinearOptions, bag_of, fit_linear_of
from seg_ml.training.development import Development
from seg_ml.training.research.canvas import canvas
from seg_ml.training.research.text import threat_score

INSIDE, OUTSIDE = "in-corpus", "left out"
WORDS, FINDINGS, STACK, VOTE = "words", "findings and features", "stack", "vote"
_COLOURS = {WORDS: "#4477aa", FINDINGS: "#ccbb44", STACK: "#aa3377", VOTE: "#228833"}


def small_unseen(
    data: Development, options: LinearOptions, rate: float, folds: int, seed: int, by: str = "corpus"
) -> pd.DataFrame:
    """Linear models judged on mail like that they learned from, and on a corpus (or part) that they never saw.

    `by` is the column whose values are left out in turn; the table is empty where none can be.

    Columns: left_out, judged (`INSIDE` or `OUTSIDE`, on the same messages), model, messages, auc, recall (at the
    false-positive rate `rate`). Four models: words, findings, a stack (a logistic regression over both, fitted on
    out-of-fold logits) and a vote (the mean of both probabilities, which learns nothing).
    """
    experiments, bag = list(_experiments(data, by)), bag_of(data.tokens, options)
    inside = _inside(data, bag, options, folds, seed) if experiments else {}
    rows: list[dict[str, Any]] = []
    for name, train, test in experiments:
        outside = _fit_and_score(data, bag, options, train, test, folds, seed)
        for judged, scores in ((INSIDE, {model: values[test] for model, values in inside.items()}), (OUTSIDE, outside)):
            rows += [
                {"left_out": name, "judged": judged, "model": model, "messages": len(test)}
                | _figures(data.threat[test], values, rate)
                for model, values in scores.items()
            ]
    columns = ["left_out", "judged", "model", "messages", "auc", "recall"]
    return pd.DataFrame(rows, columns=columns)


def _experiments(data: Development, by: str) -> Iterator[tuple[str, Indices, Indices]]:
    """Each corpus left out; one that holds one class only is judged beside a third of the other class.

    Left out only where something of both classes remains to learn from; no campaign is on both sides.
    """
    corpora, threat, clusters = data.frame[by].astype(str).to_numpy(), data.threat, data.clusters
    thirds = next(cluster_folds(data.target, clusters, 3, 0))[1]
    spare = np.isin(np.arange(len(corpora)), thirds)
    for corpus in dict.fromkeys(corpora):
        held = corpora == corpus
        if len(set(threat[held])) == 1:
            held = held | (spare & (threat != threat[held][0]))
        train = ~held & ~np.isin(clusters, clusters[held])
        if all((threat[train] == side).sum() >= 10 for side in (True, False)):
            yield f"without {corpus}", np.flatnonzero(train), np.flatnonzero(held)


def _inside(data: Development, bag: Bag, options: LinearOptions, folds: int, seed: int) -> dict[str, Floats]:
    """Every message judged by models that saw its corpus, but not its campaign."""
    names = (WORDS, FINDINGS, STACK, VOTE)

    def fit_and_score(fit: Indices, held: Indices) -> Floats:
        scores = _fit_and_score(data, bag, options, fit, held, folds, seed)
        return np.column_stack([scores[name] for name in names])

    pairs = list(cluster_folds(data.target, data.clusters, folds, seed))
    found = out_of_fold(fit_and_score, pairs, len(data.target))
    return {name: found[:, column] for column, name in enumerate(names)}


def _fit_and_score(
    data: Development, bag: Bag, options: LinearOptions, train: Indices, test: Indices, folds: int, seed: int
) -> dict[str, Floats]:
    """Probabilities of the test messages by all four."""

    def words(fit: Indices, held: Indices) -> Floats:
        return threat_score(fit_linear_of(bag, fit, data.target[fit], options, seed).logits(held))[:, None]

    def findings(fit: Indices, held: Indices) -> Floats:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
        model.fit(data.vectors[fit], data.target[fit])
        return np.asarray(model.decision_function(data.vectors[held]))[:, None]

    pairs = list(cluster_folds(data.target[train], data.clusters[train], folds, seed))
    learned = [
        out_of_fold(lambda fit, held, run=run: run(train[fit], train[held]), pairs, len(train))  # type: ignore[misc]
        for run in (words, findings)
    ]
    judged = [run(train, test) for run in (words, findings)]
    target = data.target[train]
    alone = [_calibrated(a, target, b) for a, b in zip(learned, judged, strict=True)]
    stack = _calibrated(np.hstack(learned), target, np.hstack(judged))
    return {WORDS: alone[0], FINDINGS: alone[1], STACK: stack, VOTE: (alone[0] + alone[1]) / 2}


def _calibrated(learned: Floats, target: NDArray[np.intp], judged: Floats) -> Floats:
    model = LogisticRegression(max_iter=300).fit(learned, target)
    return np.asarray(model.predict_proba(judged)[:, 1], dtype=np.float64)


def _figures(bad: Bools, values: Floats, rate: float) -> dict[str, float]:
    return {"auc": auc(bad, values), "recall": at_rate(bad, values, rate).recall}


def plot_inside_outside(table: pd.DataFrame, column: str, label: str) -> Figure:
    """A row per corpus left out; per model a line from what it reaches in-corpus (ring) to left out (dot)."""
    names = list(dict.fromkeys(table["left_out"]))
    figure, axes = canvas("familiar mail (ring) and unfamiliar (dot)", label, "", (8, 0.9 * max(1, len(names)) + 1.5))
    for model, offset in zip(_COLOURS, (0.27, 0.09, -0.09, -0.27), strict=True):
        rows = table[table["model"] == model].pivot_table(index="left_out", columns="judged", values=column)
        for place, name in enumerate(reversed(names)):
            inside, outside = rows.loc[name, INSIDE], rows.loc[name, OUTSIDE]
            axes.plot([inside, outside], [place + offset] * 2, color=_COLOURS[model], linewidth=1.4)
            axes.scatter(inside, place + offset, facecolor="white", edgecolor=_COLOURS[model], zorder=3, clip_on=False)
            dot = axes.scatter(outside, place + offset, color=_COLOURS[model], zorder=3, clip_on=False)
            dot.set_label(model if not place else f"_{name}")
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set_ylim(-0.5, max(1, len(names)) - 0.5)
    axes.set_xlim(right=1.0)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=4)
    return figure


def falls(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean over corpora of a figure in-corpus and left out, and the points lost, by model; the least lost first."""
    wide = table.pivot_table(index="model", columns="judged", values=column)
    return wide.assign(lost=wide[INSIDE] - wide[OUTSIDE]).sort_values("lost") if len(wide) else wide


def figures_table(figures: Mapping[str, Any], keys: Mapping[str, str]) -> pd.DataFrame:
    """The committed figures as a table: a row per experiment and model; `keys` are figures and their headings."""
    rows = {
        (experiment, model): {heading: found.get(key) for key, heading in keys.items()}
        for experiment, models in figures["experiments"].items()
        for model, found in models.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["judged on", "model"])
