"""Figures of models on mail unlike what they learned from: a table, a picture, and numbers for DVC."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seg_ml.corpora.card import made_corpora
from seg_ml.evaluation.conformal import promise
from seg_ml.evaluation.intervals import percentile, resampled
from seg_ml.evaluation.markdown import share, table_markdown, with_interval
from seg_ml.evaluation.metrics import Bools, Floats, at_rate, at_threshold, auc, ece, ratio
from seg_ml.evaluation.scores import threat, unwanted
from seg_ml.evaluation.shortcuts import HEADER_NAMES, YEAR
from seg_ml.evaluation.weighted import Ranked

LEARNED = "fused, learned from"
"""Model name of the out-of-fold scores of what was learned from: whence a deployment's thresholds come."""

MODELS = ("fused", "transformer", "signatures", "baseline", YEAR, HEADER_NAMES)
RATES = (0.001, 0.005, 0.01)
TRANSACTIONAL = ("transactional", "notice-rendered")
_COLOURS = ("#aa3377", "#4477aa", "#ccbb44", "#bbbbbb", "#66ccee", "#228833")
_MEANS = ("auc", "f1", "recall_1.0", "ece")


def write_unseen(scores: pd.DataFrame, params: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Write `unseen.json`, `unseen.md` and `plots-unseen/unseen.png`; the figures."""
    figures = unseen_figures(scores, int(params["resamples"]), int(params["seed"]))
    (folder / "plots-unseen").mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=2, sort_keys=True, allow_nan=False)
    (folder / "unseen.json").write_text(text + "\n", encoding="utf-8")
    (folder / "unseen.md").write_text(unseen_markdown(figures), encoding="utf-8")
    plot_unseen(figures).savefig(folder / "plots-unseen" / "unseen.png", dpi=110, metadata={"Software": None})
    return figures


def unseen_figures(scores: pd.DataFrame, resamples: int, seed: int) -> dict[str, Any]:
    """`experiments`: name → model → figures; `means` over the corpora left out: model → figures."""
    experiments: dict[str, Any] = {}
    for name in dict.fromkeys(scores["experiment"]):
        rows = scores[scores["experiment"] == name]
        learned = rows[rows["model"] == LEARNED]
        experiments[str(name)] = {
            model: _figures(rows[rows["model"] == model], learned, resamples if model == "fused" else 0, seed)
            for model in MODELS
        }
    left_out = [figures for name, figures in experiments.items() if name.startswith("without ")]
    means = {
        model: {key: round(float(np.mean([figures[model][key] for figures in left_out])), 4) for key in _MEANS}
        for model in MODELS
        if left_out
    }
    return {"experiments": experiments, "means": means}


def _figures(rows: pd.DataFrame, learned: pd.DataFrame, resamples: int, seed: int) -> dict[str, Any]:
    bad, values = unwanted(rows), threat(rows)
    found: dict[str, Any] = {
        "wanted": int((~bad).sum()),
        "unwanted": int(bad.sum()),
        "auc": auc(bad, values),
        "f1": at_threshold(bad, values, 0.5).f1,
        "recall": at_threshold(bad, values, 0.5).recall,
        "false_positive_rate": at_threshold(bad, values, 0.5).false_positive_rate,
        "ece": ece(bad, values),
    }
    for rate in RATES:
        point = at_rate(bad, values, rate)
        key = f"recall_{rate * 100:.1f}"
        found[key] = point.recall
        if resamples:
            interval = _interval(rows, bad, values, rate, resamples, seed)
            found[f"{key}_low"], found[f"{key}_high"] = interval
    notices = rows["kind"].isin(TRANSACTIONAL).to_numpy() & ~bad
    if notices.any():
        found["notices"] = int(notices.sum())
        found["notices_flagged"] = _flagged(values[notices], at_rate(bad, values, 0.01).threshold)
        # What would be set by somebody who has collected mail alone: lower, where notices are harder than that.
        collected = ~rows["corpus"].isin(made_corpora(rows["corpus"].unique())).to_numpy()
        threshold = at_rate(bad[collected], values[collected], 0.01).threshold
        found["notices_flagged_collected"] = _flagged(values[notices], threshold)
        found["recall_collected"] = _flagged(values[bad], threshold)
    found["bound"] = _conformal(bad, values, learned)
    found["corpora"] = _by_corpus(rows, at_rate(bad, values, 0.01).threshold)
    return {key: _rounded(value) for key, value in found.items()}


def _flagged(values: Floats, threshold: float) -> float:
    return ratio(int((values >= threshold).sum()), len(values))


def _by_corpus(rows: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Of each corpus judged: `wanted` and `unwanted` messages, and the share of either at or above `threshold`."""
    found: dict[str, Any] = {}
    for corpus, some in rows.groupby("corpus", sort=True):
        bad, flagged = unwanted(some), threat(some) >= threshold
        found[str(corpus)] = {
            "wanted": int((~bad).sum()),
            "unwanted": int(bad.sum()),
            "false_positive_rate": round(float(flagged[~bad].mean()), 4) if (~bad).any() else None,
            "recall": round(float(flagged[bad].mean()), 4) if bad.any() else None,
        }
    return found


def _interval(
    rows: pd.DataFrame, bad: Bools, values: Floats, rate: float, resamples: int, seed: int
) -> tuple[float, float]:
    ranked = Ranked(bad, values)
    drawn = resampled(partial(_recall, ranked, rate), rows["cluster"], resamples, seed)
    ends = percentile(drawn)
    return ends.low, ends.high


def _recall(ranked: Ranked, rate: float, weights: Any) -> Floats:
    return np.asarray(ranked.recall_at(weights, rate))


def _conformal(bad: Bools, values: Floats, learned: pd.DataFrame, promised: float = 0.01) -> float | None:
    """False-positive rate at the threshold that conformal prediction promises to keep it at or below `promised`.

    The promise, made on what was learned from, rests on exchangeability, which mail of another source breaks: what is
    measured is by how much.
    """
    threshold = promise(learned, promised).threshold
    if math.isinf(threshold) or bad.all():
        return None
    return at_threshold(bad, values, threshold).false_positive_rate


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) and not math.isnan(value) else None if value != value else value


def unseen_markdown(figures: Mapping[str, Any]) -> str:
    """Corpora left out, later mail and what is shipped, by model; below, what the fused model does corpus by corpus."""
    header = [
        "judged on", "model", "messages", "AUC", "F1", "recall at 0.1 % FP", "at 0.5 %", "at 1 %", "FP at 0.5",
        "FP promised ≤ 1 %", "ECE", "notices flagged at 1 % FP", "at 1 % of collected mail alone (recall)",
    ]  # fmt: skip
    rows: list[Sequence[str]] = []
    for name, models in figures["experiments"].items():
        for model in MODELS:
            rows.append(_row(name, model, models[model]))
    for model in MODELS:
        if model in figures["means"]:
            mean = figures["means"][model]
            cells = [f"{mean['auc']:.3f}", f"{mean['f1']:.3f}", "", "", share(mean["recall_1.0"]), "", ""]
            rows.append(["mean over corpora left out", _bold(model), "", *cells, f"{mean['ece']:.3f}", "", ""])
    return f"{table_markdown(header, rows)}{_corpora_markdown(figures)}"


def _corpora_markdown(figures: Mapping[str, Any]) -> str:
    """Nothing where every experiment judged mail of one corpus."""
    rows = []
    for name, models in figures["experiments"].items():
        corpora = models["fused"].get("corpora", {})
        for place, (corpus, found) in enumerate(corpora.items() if len(corpora) > 1 else ()):
            cells = [f"{found['wanted']:,} + {found['unwanted']:,}", share(found["recall"])]
            rows.append([name if place == 0 else "", corpus, *cells, share(found["false_positive_rate"], 2)])
    if not rows:
        return ""
    table = table_markdown(["judged on", "corpus", "wanted + unwanted", "recall", "false positives"], rows)
    return f"\nThe fused model at its threshold of 1 % over all of an experiment, corpus by corpus.\n\n{table}"


def _row(name: str, model: str, found: Mapping[str, Any]) -> list[str]:
    recalls = [
        with_interval({"figure": found[key], "low": found.get(f"{key}_low"), "high": found.get(f"{key}_high")})
        for key in (f"recall_{rate * 100:.1f}" for rate in RATES)
    ]
    return [
        name if model == "fused" else "",
        _bold(model),
        f"{found['wanted']:,} + {found['unwanted']:,}" if model == "fused" else "",
        f"{found['auc']:.3f}",
        f"{found['f1']:.3f}",
        *recalls,
        share(found["false_positive_rate"]),
        share(found["bound"]) if model == "fused" else "",
        f"{found['ece']:.3f}",
        *(_notices(found) if "notices" in found else ("", "")),
    ]


def _notices(found: Mapping[str, Any]) -> tuple[str, str]:
    collected = f"{share(found['notices_flagged_collected'])} ({share(found['recall_collected'])})"
    return share(found["notices_flagged"]), collected


def _bold(model: str) -> str:
    return f"**{model}**" if model == "fused" else model


def plot_unseen(figures: Mapping[str, Any]) -> Figure:
    """A group of bars per experiment: recall at 1 % false positives of each model."""
    experiments = figures["experiments"]
    figure = Figure(figsize=(9, 0.9 * len(experiments) + 1.4), layout="constrained")
    axes = figure.subplots()
    places, step = np.arange(len(experiments))[::-1], 0.8 / len(MODELS)
    for offset, (model, colour) in enumerate(zip(MODELS, _COLOURS, strict=True)):
        recalls = [models[model]["recall_1.0"] for models in experiments.values()]
        axes.barh(places + 0.4 - step * (offset + 0.5), recalls, height=0.9 * step, color=colour, label=model)
    axes.set_yticks(places, list(experiments))
    axes.set(xlim=(0, 1), xlabel="recall at 1 % false positives", title="on mail unlike what was learned from")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(MODELS), fontsize=8)
    return figure
