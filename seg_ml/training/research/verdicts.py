"""Verdicts laid out for reading: tables and pictures of a few messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seg_ml.artifact.model import Components, MailModel
from seg_ml.artifact.occlusion import Attribution
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import WANTED, Finding, Verdict
from seg_ml.training.research.canvas import canvas, name, panels, signed_bars


def verdict_table(verdicts: Mapping[str, Verdict]) -> pd.DataFrame:
    """A row per message: likeliest label, probability of being unwanted, ids of the findings."""
    rows = {
        name: {
            "label": verdict.label.value,
            "unwanted": verdict.threat_probability,
            "findings": ", ".join(dict.fromkeys(finding.signature for finding in verdict.findings)),
        }
        for name, verdict in verdicts.items()
    }
    return pd.DataFrame(rows.values(), index=pd.Index(rows, name="message"))


def finding_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """A row per finding: signature, severity, surface, evidence."""
    columns = ["signature", "severity", "surface", "evidence"]
    rows = [[f.signature, f.severity.name.lower(), f.surface.value, f.evidence] for f in findings]
    return pd.DataFrame(rows, columns=columns)


def component_table(model: MailModel, requests: Mapping[Any, ScoreRequest]) -> pd.DataFrame:
    """Probability of being unwanted by each part of the model alone and by all of it; a row per message."""
    wanted = [index for index, label in enumerate(model.labels) if label in WANTED]
    parts = {name: model.components(request) for name, request in requests.items()}
    rows = {name: _threats(part, wanted) for name, part in parts.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("message")


def _threats(parts: Components, wanted: list[int]) -> dict[str, float]:
    named = {"words": parts.linear, "transformer": parts.transformer, "all together": parts.fused}
    return {name: float(1.0 - values[wanted].sum()) for name, values in named.items()}


def plot_components(table: pd.DataFrame) -> Figure:
    """A row per message, a dot per part of the model; the bar is the probability that counts."""
    size = (8, 0.5 * len(table) + 1.6)
    figure, axes = canvas("how likely is it that a message is unwanted?", "probability of being unwanted", "", size)
    heights = np.arange(len(table))[::-1]
    fused = table["all together"].to_numpy()
    axes.barh(heights, fused, height=0.5, color="#cccccc", label="all together")
    for column, marker, colour in (("words", "o", "#228833"), ("transformer", "D", "#aa3377")):
        axes.scatter(
            table[column], heights, marker=marker, color=colour, label=column, zorder=3, alpha=0.8, clip_on=False
        )
    for height, value in zip(heights, fused, strict=True):
        axes.annotate(f"{value:.1%}", (1.02, height), va="center", fontsize=8, annotation_clip=False)
    axes.set_yticks(heights, [str(name) for name in table.index])
    axes.set_xlim(0, 1)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=3)
    return figure


def plot_readers(verdict: Verdict, attribution: Attribution, shown: int = 8) -> Figure:
    """What either reader of text went by: words of the linear model, and words that the transformer would miss."""
    figure, (left, right) = panels(2, (10, 3.4))
    sides = (
        (left, verdict.explanation.words, "the linear model", "part of its logit"),
        (right, attribution.words[:shown], "the transformer", "what leaving the word out takes from its logit"),
    )
    for axes, words, title, label in sides:
        name(axes, title, label, "")
        signed_bars(axes, [word for word, _ in words], np.array([weight for _, weight in words]))
    return figure


def plot_words(verdict: Verdict) -> Figure:
    """The words that moved a score most, and which way."""
    names = [word for word, _ in verdict.explanation.words]
    weights = np.array([weight for _, weight in verdict.explanation.words])
    title = f"words that moved the score (read as {verdict.label.value})"
    figure, axes = canvas(title, "part of the logit: left speaks for wanted mail, right against it", "", (7, 3.2))
    signed_bars(axes, names, weights)
    return figure
