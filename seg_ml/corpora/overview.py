"""Tables and pictures of the corpora: what is there, how it repeats itself, what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seg_ml.corpora.leaks import SEEN_BY
from seg_ml.corpora.split import SPLITS
from seg_ml.corpora.store import Record

COLOURS = {
    "ham": "#4477aa",
    "bulk": "#66ccee",
    "spam": "#ccbb44",
    "phishing": "#ee6677",
    "fraud": "#aa3377",
    "malware": "#222222",
}
"""One colour a label in every picture (Paul Tol's bright scheme, distinct to colour-blind readers too)."""

FACTS = ("client_ip", "helo", "reverse_path", "spf", "dkim", "dmarc", "date", "language")


def inventory(records: Sequence[Record]) -> pd.DataFrame:
    """One row per corpus and label of what is fetched: corpus, label, messages, licence, shippable."""
    return pd.DataFrame(
        [
            {"corpus": r.id, "label": label, "messages": count, "licence": r.licence, "shippable": r.shippable}
            for r in records
            for label, count in sorted(r.labels.items())
        ]
    )


def by_year(messages: pd.DataFrame) -> pd.DataFrame:
    """Prepared messages counted: corpus, label, year, messages. Messages without a year are left out."""
    return messages.groupby(["corpus", "label", "year"]).size().reset_index(name="messages")


def cluster_sizes(messages: pd.DataFrame) -> pd.DataFrame:
    """How many campaigns of each size there are, by label: label, size, clusters, messages."""
    sizes = messages.groupby(["label", "cluster"]).size().reset_index(name="size")
    counted = sizes.groupby(["label", "size"]).size().reset_index(name="clusters")
    return counted.assign(messages=counted["size"] * counted["clusters"])


def known_facts(messages: pd.DataFrame) -> pd.DataFrame:
    """Share of messages, in [0, 1], of which each session fact is known, a row per corpus and label."""
    return messages[list(FACTS)].notna().groupby([messages["corpus"], messages["label"]]).mean()


def split_shares(messages: pd.DataFrame, splits: pd.DataFrame) -> pd.DataFrame:
    """Messages per corpus, kind and label (rows) and split (columns)."""
    joined = messages.merge(splits[["sha256", "split"]], on="sha256")
    counts = joined.groupby(["corpus", "kind", "label", "split"]).size().unstack(fill_value=0)
    return counts.reindex(columns=list(SPLITS), fill_value=0)


def plot_by_year(counts: pd.DataFrame) -> Figure:
    """A panel per corpus: messages per year, stacked by label."""
    corpora = sorted(counts["corpus"].unique())
    figure, panels = plt.subplots(len(corpora), 1, figsize=(8, 1.6 * len(corpora) + 0.6), sharex=True, squeeze=False)
    for axes, corpus in zip(panels[:, 0], corpora, strict=True):
        table = counts[counts["corpus"] == corpus].pivot_table(index="year", columns="label", values="messages")
        bottom = pd.Series(0.0, table.index)
        for label in table.columns:
            axes.bar(table.index.astype(int), table[label].fillna(0), bottom=bottom, color=COLOURS[label], label=label)
            bottom += table[label].fillna(0)
        axes.set_title(corpus, loc="left", fontsize=10)
        axes.legend(fontsize=8)
    # One year alone would else be drawn on an axis of tenths of years.
    first, last = int(counts["year"].min()), int(counts["year"].max())
    panels[-1, 0].set_xlim(first - 1.6, last + 1.6)
    panels[-1, 0].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[-1, 0].xaxis.set_major_formatter("{x:.0f}")
    return _done(figure, "messages per year", "year")


def plot_cluster_sizes(sizes: pd.DataFrame) -> Figure:
    """Messages in campaigns of at least a size, as a share of their label."""
    figure, axes = plt.subplots(figsize=(8, 3.4))
    for label, rows in sizes.groupby("label"):
        ordered = rows.sort_values("size", ascending=False)
        share = ordered["messages"].cumsum() / ordered["messages"].sum()
        colour = COLOURS[str(label)]
        # Where no message has a copy there is one point, which a line alone would not show.
        axes.step(ordered["size"], share, where="post", marker="o", markersize=3, color=colour, label=str(label))
    largest = int(sizes["size"].max())
    axes.set(xscale="log", xlim=(0.8, max(10, 1.3 * largest)), ylim=(0, 1.05), ylabel="share of messages")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend()
    return _done(figure, "messages in campaigns of at least this size", "alike messages in a campaign")


def plot_leaks(table: pd.DataFrame) -> Figure:
    """A row per pair of groups, a dot per means of telling them apart; pairs of one label in bold."""
    pairs = list(dict.fromkeys(zip(table["left"], table["right"], table["same_label"], strict=True)))
    figure, axes = plt.subplots(figsize=(8, 0.3 * len(pairs) + 1.8), layout="constrained")
    position = {(left, right): row for row, (left, right, _) in enumerate(reversed(pairs))}
    for seen_by, marker in zip(SEEN_BY, "ox|", strict=True):
        rows = table[table["seen_by"] == seen_by]
        heights = [position[pair] for pair in zip(rows["left"], rows["right"], strict=True)]
        axes.scatter(rows["auc"], heights, marker=marker, s=55, label=seen_by)
    axes.set_yticks(list(position.values()), [f"{left} | {right}" for left, right in position], fontsize=8)
    for tick, (_, _, same) in zip(axes.get_yticklabels(), reversed(pairs), strict=True):
        tick.set_fontweight("bold" if same else "normal")
    axes.axvline(0.5, color="grey", linewidth=0.8)
    axes.set(xlim=(min(0.48, float(table["auc"].min()) - 0.02), 1.02), ylim=(-0.6, len(pairs) - 0.4))
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=3)
    return _done(figure, "two corpora told apart without reading a word", "AUC")


def plot_known_facts(shares: pd.DataFrame) -> Figure:
    """Which facts are known where, as a shaded table."""
    figure, axes = plt.subplots(figsize=(8, 0.4 * len(shares) + 1.4))
    axes.imshow(shares.to_numpy(), vmin=0, vmax=1, cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(shares.columns)), list(shares.columns), fontsize=8)
    axes.set_yticks(range(len(shares)), [" ".join(map(str, name)) for name in shares.index.tolist()], fontsize=8)
    for row, values in enumerate(shares.to_numpy()):
        for column, value in enumerate(values):
            colour = "white" if value > 0.6 else "black"
            axes.text(column, row, f"{value:.0%}", ha="center", va="center", fontsize=8, color=colour)
    return _done(figure, "messages of which a fact is known", "")


def _done(figure: Figure, title: str, xlabel: str) -> Figure:
    """Name the picture and take it from pyplot, which would else show it a second time."""
    figure.axes[-1].set_xlabel(xlabel)
    figure.suptitle(title, fontsize=11)
    if figure.get_layout_engine() is None:
        figure.tight_layout()
    plt.close(figure)
    return figure


def fetched_files(directory: Path) -> list[Path]:
    """Parquet files of a folder, by name."""
    return sorted(directory.glob("*.parquet"))
