"""Attacks, live: a few threats before and after, and what the model says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.evaluation.attacks import ATTACKS, attacked
from seg_ml.evaluation.robustness import NONE
from seg_ml.mail.parse import parse
from seg_ml.text.reading import reading_text
from seg_ml.training.research.canvas import UNWANTED_COLOUR, WANTED_COLOUR, canvas


def attack_scores(model: MailModel, requests: Sequence[ScoreRequest]) -> pd.DataFrame:
    """Probability of being unwanted of each message (rows) as sent and under each attack (columns)."""
    found = {NONE: model.score(list(requests))}
    for attack in ATTACKS:
        found[attack] = model.score([replace(item, raw=attacked(attack, item.raw)) for item in requests])
    return pd.DataFrame({name: [verdict.threat_probability for verdict in some] for name, some in found.items()})


def before_and_after(raw: bytes, length: int = 160) -> pd.DataFrame:
    """The beginning of what a model reads of a message, as sent and under each attack; a row each."""
    readings = {NONE: reading_text(parse(raw))}
    readings |= {attack: reading_text(parse(attacked(attack, raw))) for attack in ATTACKS}
    rows = [[name, len(text), " ".join(text.split())[:length]] for name, text in readings.items()]
    return pd.DataFrame(rows, columns=["attack", "characters", "what is read"]).set_index("attack")


def damage(table: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """A row per attack: messages caught at the threshold, points lost, median change; what costs most first."""
    caught = (table >= threshold).mean()
    change = table.sub(table[NONE], axis=0)
    found = pd.DataFrame({"caught": caught, "lost": caught[NONE] - caught, "median change": change.median()})
    return found.rename_axis("attack").sort_values("lost", ascending=False, kind="stable")


def plot_attack_scores(table: pd.DataFrame, threshold: float) -> Figure:
    """A dot per message and attack; the bar is the median, the line the threshold."""
    title = "held-out threats under attack"
    figure, axes = canvas(title, "probability of being unwanted", "", (8, 0.42 * table.shape[1] + 1.4))
    generator = np.random.default_rng(0)
    heights = np.arange(table.shape[1])[::-1]
    for height, name in zip(heights, table.columns, strict=True):
        colour = WANTED_COLOUR if name == NONE else UNWANTED_COLOUR
        spread = height + generator.uniform(-0.22, 0.22, len(table))
        axes.scatter(table[name], spread, s=12, color=colour, alpha=0.55, clip_on=False)
        axes.plot([table[name].median()] * 2, [height - 0.33, height + 0.33], color="black", linewidth=1.6)
    axes.axvline(threshold, color="black", linewidth=0.9, linestyle="--", label=f"threshold {threshold:.3f}")
    axes.set_yticks(heights, list(table.columns))
    axes.set_xlim(0, 1)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center")
    return figure


def committed_table(figures: Mapping[str, Any]) -> pd.DataFrame:
    """The committed figures: a row per attack, recall of each model and what the fused one lost."""
    rows = {
        attack: {model: found["recall"] for model, found in models.items()}
        | {"low": models["fused"]["low"], "high": models["fused"]["high"], "lost": models["fused"]["lost"]}
        for attack, models in figures["attacks"].items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("attack")
