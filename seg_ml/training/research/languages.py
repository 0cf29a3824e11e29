"""One letter in several languages, and how finely a tokenizer cuts each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seg_ml.artifact.model import MailModel
from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.evaluation.translations import COMPANY, UNSEEN, translated
from seg_ml.mail.parse import parse
from seg_ml.text.reading import reading_text
from seg_ml.text.subwords import Subwords
from seg_ml.training.research.canvas import UNWANTED_COLOUR, WANTED_COLOUR, canvas
from seg_ml.training.research.verdicts import component_table

_ALL = 10**6


def letters_in_all_languages(count: int, seed: int = 1) -> pd.DataFrame:
    """Letters no model has seen in every language, sent by the company that they name: letter, language, request."""
    letters = translated(count, seed, UNSEEN)
    return letters[letters["sender"] == COMPANY].drop(columns="sender").reset_index(drop=True)


def scored_translations(model: MailModel, count: int, seed: int = 1) -> pd.DataFrame:
    """Letters of `translated` that no model has seen with `threat`, the model's probability of being unwanted."""
    letters = translated(count, seed, UNSEEN)
    verdicts = model.score(letters["request"].to_list())
    return letters.assign(threat=[verdict.threat_probability for verdict in verdicts])


def plot_changed(table: pd.DataFrame) -> Figure:
    """A group of bars per language: share of letters whose verdict is another than in the first language."""
    figure, axes = canvas("verdicts that change with the language", "language", "share of letters", (7, 3.6))
    places, width = np.arange(table.shape[1]), 0.8 / max(1, len(table))
    for number, (sender, row) in enumerate(table.iterrows()):
        colour = WANTED_COLOUR if sender == COMPANY else UNWANTED_COLOUR
        axes.bar(places + (number - (len(table) - 1) / 2) * width, row, width, color=colour, label=f"from {sender}")
    axes.set_xticks(places, list(table.columns))
    axes.set_ylim(0, max(0.1, 1.1 * float(table.to_numpy().max())))
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=2)
    return figure


def letter_scores(model: MailModel, letters: pd.DataFrame) -> pd.DataFrame:
    """Probability of being unwanted, a row per letter, a column per language."""
    scored = letters.assign(threat=[v.threat_probability for v in model.score(letters["request"].to_list())])
    return by_language(scored, "threat")


def part_scores(model: MailModel, letters: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same of each part of the model alone, and of all together."""
    table = component_table(model, dict(enumerate(letters["request"])))
    scored = pd.concat([letters.reset_index(drop=True), table.reset_index(drop=True)], axis=1)
    return {part: by_language(scored, part) for part in table.columns}


def by_language(scored: pd.DataFrame, column: str) -> pd.DataFrame:
    """One column of a table of letters, a row per letter, a column per language."""
    return scored.pivot(index="letter", columns="language", values=column).reindex(columns=list(LANGUAGES))


def spread_table(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How far translations of one letter lie apart, a row per judge.

    Columns: median and largest spread over letters (highest minus lowest probability), share of letters that are held
    at 0.5 in some languages and not in others, language that is suspected most on average.
    """
    rows = {}
    for judge, table in scores.items():
        spread, held = table.max(axis=1) - table.min(axis=1), (table >= 0.5).mean(axis=1)
        apart = float(((held > 0) & (held < 1)).mean())
        rows[judge] = [spread.median(), spread.max(), apart, table.mean().idxmax()]
    columns = ["median spread", "largest spread", "both sides of 0.5", "most suspected"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def plot_letter_scores(table: pd.DataFrame) -> Figure:
    """A column per language, a line per letter."""
    title = "the same letter, honestly sent, in several languages"
    figure, axes = canvas(title, "language", "probability of being unwanted", (7, 4.2))
    for _, row in table.iterrows():
        axes.plot(np.arange(len(row)), row.to_numpy(), "o-", color=WANTED_COLOUR, linewidth=0.7, alpha=0.5)
    axes.set_xticks(range(table.shape[1]), list(table.columns))
    axes.set_ylim(-0.02, 1.02)
    return figure


def subword_counts(tokenizer: Path, letters: pd.DataFrame) -> pd.DataFrame:
    """How a `tokenizer.json` cuts each letter: letter, language, words, subwords (all of them), ratio."""
    whole = Subwords(tokenizer, _ALL)
    texts = [reading_text(parse(request.raw)) for request in letters["request"]]
    words = np.array([max(1, len(text.split())) for text in texts])
    pieces = np.array([len(whole.ids(text)) - 2 for text in texts])
    return letters[["letter", "language"]].assign(words=words, subwords=pieces, ratio=pieces / words)


def plot_subwords(table: pd.DataFrame) -> Figure:
    """Subwords per word by language; the bar is the median, the dots are letters."""
    figure, axes = canvas("how finely the tokenizer cuts", "subwords per word", "", (7, 3.6))
    names = [name for name in LANGUAGES if name in set(table["language"])]
    for place, language in enumerate(reversed(names)):
        ratios = table.loc[table["language"] == language, "ratio"]
        axes.barh(place, ratios.median(), color=WANTED_COLOUR, alpha=0.6)
        axes.scatter(ratios, np.full(len(ratios), place), color="black", s=9, zorder=3)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    return figure
