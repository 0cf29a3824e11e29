"""What attacks cost: recall at a fixed threshold, attack by attack."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.conformal import Band, abstain, band_figures
from seg_ml.evaluation.figures import rounded
from seg_ml.evaluation.intervals import wilson
from seg_ml.evaluation.markdown import share, table_markdown
from seg_ml.evaluation.scores import of_model
from seg_ml.evaluation.thresholds import threshold_of
from seg_ml.evaluation.translations import agreement

NONE = "none"
"""The name under which the messages stand as they were sent."""

WITHOUT, WITH = "without copies", "with copies"
"""Models that are alike but for the disguised copies that one of them learned from too."""


def write_robustness(
    table: pd.DataFrame,
    scores: pd.DataFrame,
    models: Sequence[str],
    rate: float,
    folder: Path,
    most_lost: float = 0.05,
    letters: Mapping[str, Mapping[str, pd.DataFrame]] | None = None,
    copies: Mapping[str, Any] | None = None,
    missed: float | None = None,
) -> dict[str, Any]:
    """Write `robustness.json`, `robustness.md` and pictures in `plots-robustness`; the figures.

    `table` has a row per message and attack: `attack` and a threat probability per model. `scores` are those of the
    evaluation, from whose test split each model's threshold at the false-positive rate `rate` is taken. `letters`
    are those of `translations` with the first model's `threat`, `languages` and `wordings` by source: their
    agreement at that threshold stands under these names, and with `missed`, the share of unwanted mail that may be
    delivered unseen, under `band` what then is looked at below the threshold. `copies` says from how many
    `messages` and disguised `copies` of them the models `WITHOUT` and `WITH` learned, which then are in the table
    and the scores too, from how many `wanted` ones their thresholds are, and how they were `reduced`.
    """
    figures = robustness_figures(table, scores, [*models, *((WITHOUT, WITH) if copies else ())], rate, most_lost)
    if copies is not None:
        figures["copies"] = dict(copies)
    if letters is not None:
        band = _band(scores, models[0], rate, missed)
        if missed is not None:
            looked = band_figures(band, of_model(scores, models[0]))
            figures["band"] = rounded({"missed": missed, "low": band.low, "high": band.high, **looked})
        for name, sources in letters.items():
            found = {source: agreement(table, band.high, band.low) for source, table in sources.items()}
            figures[name] = {source: rounded(table.to_dict("index")) for source, table in found.items()}
    text = json.dumps(figures, indent=2, sort_keys=True, allow_nan=False)
    (folder / "robustness.json").write_text(text + "\n", encoding="utf-8")
    (folder / "robustness.md").write_text(robustness_markdown(figures, models), encoding="utf-8")
    (folder / "plots-robustness").mkdir(exist_ok=True)
    pictures = {"attacks": plot_robustness(figures)} | ({"copies": plot_copies(figures)} if copies else {})
    for name, picture in pictures.items():
        picture.savefig(folder / "plots-robustness" / f"{name}.png", dpi=110, metadata={"Software": None})
    return figures


def robustness_figures(
    table: pd.DataFrame, scores: pd.DataFrame, models: Sequence[str], rate: float, most_lost: float = 0.05
) -> dict[str, Any]:
    """`rate`, `messages`, and `attacks`: name → model → recall, low, high (Wilson, 95 %), lost against no attack.

    `beyond` names the attacks that cost the first model more than `most_lost` of its recall.
    """
    thresholds = {model: threshold_of(scores, model, rate) for model in models}
    grouped = dict(list(table.groupby("attack", sort=False)))
    plain = {model: _recall(grouped[NONE][model], thresholds[model])["recall"] for model in models}
    attacks: dict[str, Any] = {}
    for name, rows in grouped.items():
        attacks[str(name)] = {model: _recall(rows[model], thresholds[model]) for model in models}
        for model, found in attacks[str(name)].items():
            found["lost"] = round(plain[model] - found["recall"], 4)
    beyond = [name for name, found in attacks.items() if found[models[0]]["lost"] > most_lost + 1e-9]
    return {
        "rate": rate,
        "messages": len(grouped[NONE]),
        "attacks": attacks,
        "most_lost": most_lost,
        "beyond": beyond,
    }


def _band(scores: pd.DataFrame, model: str, rate: float, missed: float | None) -> Band:
    """From where on mail is held, and down to where it is looked at; nothing is where no share may be `missed`."""
    high = threshold_of(scores, model, rate)
    low = high if missed is None else abstain(of_model(scores, model), rate, missed).low
    return Band(min(low, high), high)


def _recall(values: pd.Series, threshold: float) -> dict[str, float]:
    caught = int((values >= threshold).sum())
    ends = wilson(caught, len(values))
    return {"recall": round(caught / len(values), 4), "low": round(ends.low, 4), "high": round(ends.high, 4)}


def robustness_markdown(figures: Mapping[str, Any], models: Sequence[str]) -> str:
    """A row per attack; what two models lose that are alike but for disguised copies stands last, and is explained."""
    rows = []
    for name, found in figures["attacks"].items():
        fused = found[models[0]]
        cell = f"{share(fused['recall'])} ({fused['low'] * 100:.1f}–{fused['high'] * 100:.1f})"
        others = (share(found[model]["recall"]) for model in models[1:])
        rows.append([name, cell, points(fused), *others, *lost_to_copies(figures, name)])
    first = f"**{models[0]}**, recall at {percent(figures['rate'])} FP"
    header = [first, "points lost", *models[1:], *(COPIES_HEADER if "copies" in figures else ())]
    return table_markdown(["attack", *header], rows) + copies_caption(figures)


COPIES_HEADER = ("points lost, without disguised copies", "points lost, with them")


def points(found: Mapping[str, float]) -> str:
    """Recall lost, in points; a gain is negative."""
    return f"{found['lost'] * 100:+.1f}"


def lost_to_copies(figures: Mapping[str, Any], attack: str) -> list[str]:
    """Cells of `COPIES_HEADER`; none where it was not measured."""
    return [points(figures["attacks"][attack][name]) for name in (WITHOUT, WITH)] if "copies" in figures else []


def copies_caption(figures: Mapping[str, Any]) -> str:
    """What the models of `COPIES_HEADER` are, and how they were reduced; empty where they were not measured."""
    if "copies" not in figures:
        return ""
    about, plain = figures["copies"], figures["attacks"][NONE]
    reduced = about["reduced"]
    most = "" if reduced["messages"] is None else f", {reduced['messages']:,} messages a transformer"
    trees = "" if reduced["iterations"] is None else f" of {reduced['iterations']} iterations"
    caught = (share(plain[name]["recall"]) for name in (WITHOUT, WITH))
    return (
        f"\nWithout and with disguised copies: smaller models, alike but for {about['copies']:,} copies that one of "
        f"them learned from beside the same {about['messages']:,} messages. Both with {reduced['folds']} folds, "
        f"epochs of the transformer: {reduced['epochs']}{most}, ensembles of trees: {reduced['copies']}{trees}, no "
        f"cascade; thresholds from {about['wanted']:,} wanted messages of the test split. "
        f"Without attack {' and '.join(caught)} are caught.\n"
    )


def plot_robustness(figures: Mapping[str, Any]) -> Figure:
    """A row per attack, a dot per model; the line is the fused model without attack."""
    attacks = figures["attacks"]
    figure = Figure(figsize=(8, 0.35 * len(attacks) + 1.5), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(attacks))[::-1]
    for model, colour in zip(attacks[NONE], ("#aa3377", "#bbbbbb", "#4477aa"), strict=False):
        axes.scatter(
            [found[model]["recall"] for found in attacks.values()], places, color=colour, label=model, zorder=3
        )
    axes.axvline(attacks[NONE]["fused"]["recall"], color="#aa3377", linewidth=0.8)
    axes.set_yticks(places, list(attacks))
    axes.set(xlim=(0, 1.01), xlabel=f"recall at {percent(figures['rate'])} false positives", title="under attack")
    axes.grid(axis="x", alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
    return figure


def plot_copies(figures: Mapping[str, Any]) -> Figure:
    """A row per attack, from what a model loses that learned from no disguised copy to what it loses with them."""
    attacks = {name: found for name, found in figures["attacks"].items() if name != NONE}
    figure = Figure(figsize=(8, 0.35 * len(attacks) + 1.5), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(attacks))[::-1]
    lost = {name: [found[name]["lost"] * 100 for found in attacks.values()] for name in (WITHOUT, WITH)}
    axes.hlines(places, lost[WITHOUT], lost[WITH], color="#bbbbbb", linewidth=2)
    for name, colour in ((WITHOUT, "#ccbb44"), (WITH, "#aa3377")):
        axes.scatter(lost[name], places, color=colour, label=f"learned {name}", zorder=3)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(places, list(attacks))
    title = "what disguised copies to learn from are worth"
    axes.set(xlabel=f"points of recall lost at {percent(figures['rate'])} false positives", title=title)
    axes.grid(axis="x", alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
    return figure
