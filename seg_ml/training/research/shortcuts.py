"""What a model could cheat with, in pictures: the collection itself, and that a session was recorded at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from seg_ml.artifact.model import MailModel
from seg_ml.corpora.leaks import header_names
from seg_ml.domain.envelope import AuthenticationResults, ScoreRequest
from seg_ml.evaluation.probe import token_counts
from seg_ml.evaluation.shortcuts import HEADER_NAMES, YEAR
from seg_ml.training.research.canvas import UNWANTED_COLOUR, WANTED_COLOUR, canvas

KNOWN, NOTHING_FOUND = "what was recorded", "evaluated, nothing found"
_EVALUATED = AuthenticationResults(spf="none", dkim="none", dmarc="none")


def plot_above_shortcuts(table: pd.DataFrame, column: str) -> Figure:
    """A bar per model, those that see no threat in grey; `table` is that of `compare.comparison`, `column` its recall
    at a rate."""
    title = "what is reached without reading a word, and with"
    figure, axes = canvas(title, f"{column} false positives", "", (7.5, 0.36 * len(table) + 1.3))
    heights = np.arange(len(table))[::-1]
    cheats = table.index.isin([YEAR, HEADER_NAMES])
    axes.barh(heights, table[column], color=np.where(cheats, "#bbbbbb", WANTED_COLOUR).tolist())
    axes.bar_label(axes.containers[0], fmt="%.3f", padding=3, fontsize=8)  # type: ignore[arg-type]
    axes.set_yticks(heights, [str(name) for name in table.index])
    axes.set_xlim(0, 1.12)
    return figure


def plot_probe(table: pd.DataFrame) -> Figure:
    """How well each representation names the corpus of wanted mail, beside the same with corpora dealt anew.

    `table` is that of `probe_table`; rows without a figure carry their reason.
    """
    title = "which collection is this wanted message from?"
    figure, axes = canvas(title, "AUC on campaigns not seen (mean over corpora)", "", (8, 0.45 * len(table) + 1.6))
    heights = np.arange(len(table))[::-1]
    axes.hlines(heights, table["shuffled_auc"], table["auc"], color="#bbbbbb", linewidth=2)
    axes.scatter(table["shuffled_auc"], heights, color="#bbbbbb", zorder=3, label="corpora dealt out anew")
    axes.scatter(table["auc"], heights, color=UNWANTED_COLOUR, zorder=3, label="as they are")
    for height, (_, row) in zip(heights, table.iterrows(), strict=True):
        if row["reason"]:
            axes.annotate("nothing to tell apart", (0.51, height), va="center", fontsize=8)
    axes.axvline(0.5, color="black", linewidth=0.8, linestyle=":")
    axes.set_yticks(heights, [str(name) for name in table.index])
    axes.set(xlim=(min(0.4, _least(table)), 1.02), ylim=(-0.6, len(table) - 0.4))
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=2)
    return figure


def genre_table(figures: Mapping[str, Any]) -> pd.DataFrame:
    """The figures of `probe_figures`: a row per view and genre, and one for all genres of a view."""
    rows = [
        {"view": view, "genre": name} | {key: part[key] for key in ("messages", "auc", "shuffled_auc")}
        for view, found in figures.items()
        for name, part in (*found["genres"].items(), ("all", found))
    ]
    return pd.DataFrame(rows).astype({"auc": float, "shuffled_auc": float})


def plot_genres(table: pd.DataFrame, bound: float) -> Figure:
    """A row per view and genre of `genre_table`; the line is what the gate allows the decision over all genres."""
    title = "within one genre: whose collection is this wanted message from?"
    figure, axes = canvas(title, "AUC on campaigns not seen", "", (8, 0.4 * len(table) + 1.5))
    heights = np.arange(len(table))[::-1]
    axes.scatter(table["shuffled_auc"], heights, color="#bbbbbb", zorder=3, label="corpora dealt out anew")
    axes.scatter(table["auc"], heights, color=UNWANTED_COLOUR, zorder=3, label="as they are")
    axes.axvline(bound, color="black", linewidth=0.9, linestyle="--", label=f"bound on the decision: {bound:g}")
    axes.set_yticks(heights, [f"{row.view}, {row.genre} ({row.messages:,})" for row in table.itertuples()])
    axes.set_xlim(0.4, 1.02)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=3)
    return figure


def header_name_matrix(raw: Iterable[bytes]) -> csr_matrix:
    """Which header fields are there, hashed, shape (n, 16384); no values."""
    return token_counts([sorted(header_names(message)) for message in raw])


def year_matrix(years: pd.Series) -> NDArray[np.float64]:
    """The year alone, and whether it is known, shape (n, 2)."""
    numbers = pd.to_numeric(years).astype("Float64")
    middle = float(numbers.median()) if numbers.notna().any() else 0.0
    return np.column_stack([numbers.fillna(middle).to_numpy(np.float64), numbers.isna().to_numpy(np.float64)])


def session_effects(model: MailModel, requests: Sequence[ScoreRequest]) -> pd.DataFrame:
    """Probability of being unwanted of each message with and without what is known of its session.

    Columns: blind (the bytes alone), `KNOWN`, `NOTHING_FOUND` (SPF, DKIM and DMARC evaluated, all `none`), recorded
    (whether any result of authentication was). A model that reads only *what* was found, never *that* somebody
    looked, gives blind and `NOTHING_FOUND` alike.
    """
    variants = {
        "blind": [ScoreRequest(request.raw) for request in requests],
        KNOWN: list(requests),
        NOTHING_FOUND: [replace(request, authentication=_EVALUATED) for request in requests],
    }
    table = pd.DataFrame(
        {name: [verdict.threat_probability for verdict in model.score(some)] for name, some in variants.items()}
    )
    return table.assign(recorded=[request.authentication.evaluated for request in requests])


def plot_session_effects(table: pd.DataFrame, threat: Sequence[bool]) -> Figure:
    """The probability with something known of the session, less that of the bytes alone; a dot per message."""
    title = "what knowledge of the session changes"
    figure, axes = canvas(title, "change of the probability of being unwanted", "", (8, 3.4))
    bad = np.asarray(threat, dtype=np.bool_)
    sides = ((~bad, WANTED_COLOUR, "wanted", 0.17), (bad, UNWANTED_COLOUR, "unwanted", -0.17))
    generator = np.random.default_rng(0)
    for height, column in enumerate((NOTHING_FOUND, KNOWN)):
        changes = (table[column] - table["blind"]).to_numpy()
        for members, colour, label, shift in sides:
            spread = height + shift + generator.uniform(-0.1, 0.1, int(members.sum()))
            axes.scatter(changes[members], spread, s=14, color=colour, alpha=0.6, label=label if not height else None)
    axes.axvline(0, color="black", linewidth=0.8)
    widest = max(0.05, float((table[[NOTHING_FOUND, KNOWN]].sub(table["blind"], axis=0)).abs().to_numpy().max()))
    axes.set(xlim=(-1.1 * widest, 1.1 * widest), ylim=(-0.5, 1.5))
    axes.set_yticks([0, 1], [NOTHING_FOUND, KNOWN])
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=2)
    return figure


def _least(table: pd.DataFrame) -> float:
    figures = table[["auc", "shuffled_auc"]].to_numpy(dtype=np.float64)
    return float(np.nanmin(figures)) - 0.03 if not np.isnan(figures).all() else 0.4
