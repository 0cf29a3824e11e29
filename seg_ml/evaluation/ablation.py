"""What each part of the model is worth, and what more mail to learn from would bring."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.figures import key_of, measured_on, recall_figures, rounded
from seg_ml.evaluation.markdown import share, table_markdown, with_interval
from seg_ml.evaluation.metrics import auc
from seg_ml.evaluation.plots import LINES, save
from seg_ml.evaluation.scores import threat, two_sided_corpora, unwanted
from seg_ml.evaluation.settings import EvaluationSettings

ALL, WITHOUT_TEXT = "all", "features, no text"
"""Models that the learning curve follows: the whole one, and the one in which no text model has a say."""

EVERY = "all together"
_CURVED = "Text models learned from all campaigns but the fold's, whatever the share; what joins them did not."


def write_ablation(
    variants: pd.DataFrame, curve: pd.DataFrame, settings: EvaluationSettings, folder: Path
) -> dict[str, Any]:
    """Write `ablation.json`, `ablation.md` and `plots-ablation/*.png`; the figures.

    `variants` are out-of-fold scores in long form (see `scores`), a `model` for each part; `curve` the same of models
    that learned from a `share` of the campaigns, with their number (`campaigns`) and that of their `messages`.
    """
    figures = ablation_figures(variants, curve, settings)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=2, sort_keys=True, allow_nan=False)
    (folder / "ablation.json").write_text(text + "\n", encoding="utf-8")
    (folder / "ablation.md").write_text(ablation_markdown(figures, settings), encoding="utf-8")
    pictures = {"parts": plot_parts(figures, settings), "learning-curve": plot_curve(figures, settings)}
    save(pictures, folder / "plots-ablation")
    return figures


def ablation_figures(variants: pd.DataFrame, curve: pd.DataFrame, settings: EvaluationSettings) -> dict[str, Any]:
    """`parts`: model → corpus → figures; `curve`: one entry a share, with `share`, `campaigns`, `messages`, `models`.

    The figures are recall at each rate with its interval by campaign, and `auc`.
    """
    parts = {model: _by_corpus(rows, settings) for model, rows in _models(variants)}
    shares = []
    for value, rows in curve.groupby("share"):
        facts = {"share": value, "campaigns": rows["campaigns"].iloc[0], "messages": rows["messages"].iloc[0]}
        shares.append({**facts, "models": {model: _by_corpus(some, settings) for model, some in _models(rows)}})
    judged = variants[variants["model"] == ALL]
    found: dict[str, Any] = rounded({"parts": parts, "curve": shares, "judged": measured_on(judged)})
    return found


def _models(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(model), some) for model, some in rows.groupby("model", sort=False)]


def _by_corpus(rows: pd.DataFrame, settings: EvaluationSettings) -> dict[str, Any]:
    corpora = two_sided_corpora(rows)
    some = {corpus: rows[rows["corpus"] == corpus] for corpus in corpora if len(corpora) > 1}
    return {name: _figures(part, settings) for name, part in {**some, EVERY: rows}.items()}


def _figures(rows: pd.DataFrame, settings: EvaluationSettings) -> dict[str, Any]:
    return {**recall_figures(rows, settings), "auc": auc(unwanted(rows), threat(rows))}


def ablation_markdown(figures: Mapping[str, Any], settings: EvaluationSettings) -> str:
    """A table of the parts by corpus, and one of the learning curve."""
    judged = figures["judged"]
    header = ["part", "corpus", *(f"recall at {percent(rate)} FP" for rate in settings.rates), "AUC"]
    rows = [
        [model if number == 0 else "", corpus, *_cells(found, settings)]
        for model, corpora in figures["parts"].items()
        for number, (corpus, found) in enumerate(corpora.items())
    ]
    learned = ["campaigns learned from", "messages", "model", *header[2:]]
    steps = [
        [_campaigns(step), f"{step['messages']:,}", model, *_cells(corpora[EVERY], settings)]
        for step in figures["curve"]
        for model, corpora in step["models"].items()
    ]
    return (
        f"Out of fold: {judged['messages']:,} messages of {judged['campaigns']:,} campaigns to learn from; each was "
        "judged by a model that never saw its campaign. Intervals of 95 %, by campaign.\n\n"
        f"{table_markdown(header, rows)}\nMore mail to learn from, all corpora together. {_CURVED}\n\n"
        f"{table_markdown(learned, steps)}"
    )


def _campaigns(step: Mapping[str, Any]) -> str:
    return f"{step['campaigns']:,} ({share(step['share'], 0)})"


def _cells(found: Mapping[str, Any], settings: EvaluationSettings) -> list[str]:
    return [*(with_interval(found[key_of(rate)]) for rate in settings.rates), f"{found['auc']:.3f}"]


def plot_parts(figures: Mapping[str, Any], settings: EvaluationSettings) -> Figure:
    """Recall of each part at the evaluation's rate, a colour a corpus."""
    parts, key = figures["parts"], key_of(settings.rate)
    corpora = list(next(iter(parts.values())))
    figure = Figure(figsize=(8, 0.22 * len(parts) * (len(corpora) + 1) + 1.4), layout="constrained")
    axes = figure.subplots()
    for number, (corpus, colour) in enumerate(zip(corpora, LINES, strict=False)):
        places = [-(row + 0.22 * number) for row in range(len(parts))]
        _with_ends(axes, [parts[model][corpus][key] for model in parts], places, colour, corpus)
    axes.set_yticks([-(row + 0.11 * (len(corpora) - 1)) for row in range(len(parts))], list(parts))
    axes.set(xlim=(0, 1.01), xlabel=f"recall at {percent(settings.rate)} false positives", title="parts of the model")
    axes.grid(axis="x", alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(corpora), fontsize=8)
    return figure


def _with_ends(axes: Axes, found: Sequence[Mapping[str, Any]], places: Sequence[float], colour: str, name: str) -> None:
    axes.hlines(places, [one["low"] for one in found], [one["high"] for one in found], color=colour, linewidth=1.2)
    axes.scatter([one["figure"] for one in found], places, color=colour, label=name, s=24, zorder=3)


def plot_curve(figures: Mapping[str, Any], settings: EvaluationSettings) -> Figure:
    """Recall over the campaigns learned from: a picture a corpus, a line a model, shaded by its interval."""
    curve, key = figures["curve"], key_of(settings.rate)
    models = list(curve[0]["models"])
    corpora = list(curve[0]["models"][models[0]])
    figure = Figure(figsize=(3.6 * len(corpora) + 1, 4), layout="constrained")
    campaigns = [step["campaigns"] for step in curve]
    panels = figure.subplots(1, len(corpora), sharey=True, squeeze=False)[0]
    for axes, corpus in zip(panels, corpora, strict=True):
        for model, colour in zip(models, LINES, strict=False):
            found = [step["models"][model][corpus][key] for step in curve]
            axes.fill_between(
                campaigns, [one["low"] for one in found], [one["high"] for one in found], color=colour, alpha=0.15
            )
            axes.plot(campaigns, [one["figure"] for one in found], "o-", color=colour, label=model, markersize=4)
        axes.set(xscale="log", ylim=(0, 1.02), title=corpus, xlabel="campaigns learned from")
        axes.set_xticks(campaigns, [f"{count:,}" for count in campaigns], rotation=40, fontsize=8)
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(f"recall at {percent(settings.rate)} false positives")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(models), fontsize=8)
    return figure
