"""What signatures look at, and what they hit: tables and pictures over the prepared mail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import WANTED, Label, Severity, Surface
from seg_ml.evaluation.intervals import Weights, clopper_pearson, resampled, wilson
from seg_ml.signatures.catalogue import CATALOGUE
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.training.research.canvas import UNWANTED_COLOUR, WANTED_COLOUR, canvas, name, panels

_SEVERITY_COLOURS = {
    Severity.INFO: "#bbbbbb",
    Severity.LOW: "#66ccee",
    Severity.MEDIUM: "#ccbb44",
    Severity.HIGH: "#ee6677",
    Severity.CRITICAL: "#aa3377",
}


def signature_table(chosen: Sequence[str]) -> pd.DataFrame:
    """A row per known signature, the gravest first; `in_vector` says whether it is among `chosen`."""
    rows = {
        signature.id: {
            "severity": signature.severity,
            "surface": signature.surface.value,
            "attack_type": signature.attack_type,
            "tactic": signature.tactic,
            "attack": signature.attack,
            "version": signature.version,
            "in_vector": signature.id in chosen,
            "description": signature.description,
        }
        for signature in CATALOGUE.resolve(CATALOGUE)
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("signature").reset_index()
    table = table.sort_values(["severity", "signature"], ascending=[False, True]).set_index("signature")
    return table.assign(severity=[Severity(value).name.lower() for value in table["severity"]])


def plot_coverage(table: pd.DataFrame) -> Figure:
    """How many signatures look at each surface, by severity."""
    surfaces = [surface.value for surface in Surface]
    figure, axes = canvas("what the signatures look at", "signatures", "", (7.5, 3.2))
    heights, left = np.arange(len(surfaces))[::-1], np.zeros(len(surfaces))
    for severity, colour in _SEVERITY_COLOURS.items():
        chosen = table[table["severity"] == severity.name.lower()]
        counts = chosen["surface"].value_counts().reindex(surfaces, fill_value=0).to_numpy(dtype=np.float64)
        if counts.any():
            axes.barh(heights, counts, left=left, color=colour, label=severity.name.lower())
        left += counts
    axes.set_yticks(heights, surfaces)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=5)
    return figure


def running_times(engine: SignatureEngine, request: ScoreRequest, message: Message, repeats: int = 5) -> pd.Series:
    """Milliseconds of each signature on a message, the best of some runs, the slowest first."""
    best: dict[str, float] = {}
    for _ in range(repeats):
        engine.inspect(request, message, lambda name, took: best.update({name: min(took, best.get(name, took))}))
    return pd.Series(best, name="milliseconds").mul(1000.0).sort_values(ascending=False)


def plot_running_times(times: pd.Series, shown: int = 12) -> Figure:
    """The slowest signatures on one message."""
    top = times.head(shown)
    title = f"the slowest of {len(times)} signatures on this message ({times.sum():.1f} ms in all)"
    figure, axes = canvas(title, "milliseconds, best of several runs", "", (7.5, 0.26 * len(top) + 1.2))
    heights = np.arange(len(top))[::-1]
    axes.barh(heights, top, color=WANTED_COLOUR)
    axes.set_yticks(heights, list(top.index), fontsize=8)
    return figure


def hit_matrix(found: pd.DataFrame, chosen: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each message (row) has a finding of each signature (column); `found` has a column `findings`."""
    column = {signature: index for index, signature in enumerate(chosen)}
    hits = np.zeros((len(found), len(chosen)), dtype=np.bool_)
    for row, names in enumerate(found["findings"]):
        for signature in names:
            if signature in column:
                hits[row, column[signature]] = True
    return hits


def hit_rates(found: pd.DataFrame, chosen: Sequence[str]) -> pd.DataFrame:
    """Share of messages of each label (columns) that a signature (row) hits."""
    hits = pd.DataFrame(hit_matrix(found, chosen), columns=pd.Index(chosen, name="signature"))
    present = [label.value for label in Label if (found["label"] == label.value).any()]
    return hits.groupby(found["label"].to_numpy()).mean().T.reindex(columns=present)


def lift_table(found: pd.DataFrame, chosen: Sequence[str], resamples: int = 500, seed: int = 0) -> pd.DataFrame:
    """How much oftener a signature hits unwanted mail than wanted mail, the strongest first.

    Columns: wanted, unwanted (messages hit), wanted_rate, unwanted_rate, lift, low, high (95 %, by campaign).
    Half a message is added to every count, so that a signature that never hits wanted mail has a finite lift; what
    was never seen on one side could be as frequent there as the exact interval of none among its campaigns allows,
    so the interval of such a lift is open at one end. Signatures that hit nothing are left out. `found` has columns
    `findings`, `label`, `cluster`.
    """
    hits = hit_matrix(found, chosen).astype(np.float64)
    bad = _unwanted(found)
    wanted, unwanted = hits[~bad].sum(axis=0), hits[bad].sum(axis=0)

    def lifts(weights: Weights) -> NDArray[np.float64]:
        above = (weights[:, bad] @ hits[bad] + 0.5) / (weights[:, bad].sum(axis=1, keepdims=True) + 1.0)
        below = (weights[:, ~bad] @ hits[~bad] + 0.5) / (weights[:, ~bad].sum(axis=1, keepdims=True) + 1.0)
        return np.asarray(above / below, dtype=np.float64)

    drawn = resampled(lifts, found["cluster"], resamples, seed)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    # A side without a single hit has none in any resample either.
    for never, side in ((wanted == 0, ~bad), (unwanted == 0, bad)):
        campaigns = found.loc[side, "cluster"].nunique()
        possible = clopper_pearson(0, campaigns).high * campaigns + 0.5
        if side is bad:
            low, high = np.where(never, 0.0, low), np.where(never, high * possible / 0.5, high)
        else:
            low, high = np.where(never, low * 0.5 / possible, low), np.where(never, np.inf, high)
    table = pd.DataFrame(
        {
            "wanted": wanted.astype(int),
            "unwanted": unwanted.astype(int),
            "wanted_rate": wanted / max(1, int((~bad).sum())),
            "unwanted_rate": unwanted / max(1, int(bad.sum())),
            "lift": lifts(np.ones((1, len(found)), np.float32))[0],
            "low": low,
            "high": high,
        },
        index=pd.Index(chosen, name="signature"),
    )
    seen: pd.DataFrame = table[(wanted + unwanted) > 0]
    return seen.sort_values("lift", ascending=False)


def plot_lift(table: pd.DataFrame) -> Figure:
    """Left, how often a signature hits each kind of mail; right, the ratio of the two with its interval."""
    size = (10, 0.235 * len(table) + 1.5)
    figure, (rates, lifts) = panels(2, size, sharey=True, width_ratios=[3, 2])
    heights = np.arange(len(table))[::-1]
    for column, colour, offset in (("wanted_rate", WANTED_COLOUR, -0.19), ("unwanted_rate", UNWANTED_COLOUR, 0.19)):
        label = f"{column.removesuffix('_rate')} mail"
        rates.barh(heights + offset, table[column] * 100, height=0.36, color=colour, label=label)
    name(rates, "how often", "messages hit, %", "")
    rates.set_yticks(heights, list(table.index), fontsize=8)
    rates.set_xscale("symlog", linthresh=1.0)
    ticks = [0, 0.5, 1, 2, 5, 10, 20, 50, 100]
    rates.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    rates.set_xlim(0, 100)
    rates.legend(fontsize=8, loc="lower right")
    rates.set_ylim(-0.7, len(table) - 0.3)
    clear = (table["low"] > 1) | (table["high"] < 1)
    left, right = 0.3 * table["lift"].min(), 4.0 * table["lift"].max()
    low, high = table["low"].clip(lower=left), table["high"].clip(upper=right)
    for settled, fill in ((True, "#222222"), (False, "white")):
        rows = (clear == settled).to_numpy()
        lifts.hlines(heights[rows], low[rows], high[rows], color="#222222", linewidth=1.0)
        label = "interval leaves 1 out" if settled else "may be chance"
        lifts.scatter(
            table["lift"][rows], heights[rows], s=22, facecolor=fill, edgecolor="#222222", zorder=3, label=label
        )
    lifts.axvline(1.0, color="grey", linewidth=0.8)
    name(lifts, "unwanted to wanted", "lift: ratio of the two rates (95 % by campaign)", "")
    lifts.set_xscale("log")
    lifts.set_xlim(left, right)
    lifts.legend(fontsize=8, loc="lower right")
    return figure


def watch_list(found: pd.DataFrame, chosen: Sequence[str], at_least: Severity = Severity.LOW) -> pd.DataFrame:
    """Signatures that speak against mail and hit wanted mail, the most frequent first.

    Columns: severity, hits, rate, low, high (95 %, Wilson), precision (share of hits that are unwanted), mostly
    (corpus and kind that most of the wanted hits come from).
    """
    hits, bad = hit_matrix(found, chosen), _unwanted(found)
    kinds = found["corpus"] + " " + found["kind"]
    rows = {}
    for column, signature in enumerate(CATALOGUE.resolve(chosen)):
        wanted = hits[:, column] & ~bad
        if signature.severity < at_least or not wanted.any():
            continue
        interval = wilson(int(wanted.sum()), int((~bad).sum()))
        rows[signature.id] = {
            "severity": signature.severity.name.lower(),
            "hits": int(wanted.sum()),
            "rate": float(wanted.sum() / (~bad).sum()),
            "low": interval.low,
            "high": interval.high,
            "precision": float((hits[:, column] & bad).sum() / hits[:, column].sum()),
            "mostly": str(kinds[wanted].value_counts().index[0]),
        }
    columns = ["severity", "hits", "rate", "low", "high", "precision", "mostly"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("signature")
    return table.sort_values("hits", ascending=False)


def plot_watch_list(table: pd.DataFrame) -> Figure:
    """False positives of each signature by itself, coloured by how grave it takes itself."""
    figure, axes = canvas(
        "findings on wanted mail", "share of wanted mail with this finding, % (95 %)", "", (8, 0.26 * len(table) + 1.5)
    )
    heights = np.arange(len(table))[::-1]
    axes.hlines(heights, table["low"] * 100, table["high"] * 100, color="#888888", linewidth=1.2)
    for severity, colour in _SEVERITY_COLOURS.items():
        rows = (table["severity"] == severity.name.lower()).to_numpy()
        if rows.any():
            shares = table["rate"][rows] * 100
            axes.scatter(shares, heights[rows], color=colour, s=36, zorder=3, label=severity.name.lower())
    axes.set_yticks(heights, list(table.index), fontsize=8)
    if len(table):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.legend(fontsize=8, title="severity", title_fontsize=8, loc="lower right")
    return figure


def plot_counts(found: pd.DataFrame, chosen: Sequence[str]) -> Figure:
    """How many different signatures of low severity or above hit a message, by label."""
    counted = [signature.id for signature in CATALOGUE.resolve(chosen) if signature.severity >= Severity.LOW]
    counts = hit_matrix(found, counted).sum(axis=1)
    bad, positions = _unwanted(found), np.arange(max(3, int(counts.max())) + 1)
    xlabel = "different signatures of low severity or above"
    figure, axes = canvas("signatures on one message", xlabel, "share of wanted, of unwanted mail, %")
    sides = ((~bad, WANTED_COLOUR, "wanted mail", -0.2), (bad, UNWANTED_COLOUR, "unwanted mail", 0.2))
    for rows, colour, label, offset in sides:
        shares = np.bincount(counts[rows], minlength=len(positions)) * 100.0 / max(1, int(rows.sum()))
        bars = axes.bar(positions + offset, shares, width=0.4, color=colour, label=label)
        axes.bar_label(bars, fmt="%.1f", fontsize=7)
    axes.legend(fontsize=8)
    axes.set_xticks(positions)
    return figure


def _unwanted(found: pd.DataFrame) -> NDArray[np.bool_]:
    return np.asarray(~found["label"].isin([label.value for label in WANTED]), dtype=np.bool_)


def corpus_hits(found: pd.DataFrame) -> pd.DataFrame:
    """Share of messages hit, a row per signature, a column per corpus and label.

    From the table of the stage `signatures`, which reads every corpus at hand; where it has not run, from `found`
    (columns `corpus`, `label`, `findings`), whatever the severity.
    """
    table = Path("data/evaluation/signatures.csv")
    if table.is_file():
        hits = pd.read_csv(table).groupby(["signature", "corpus", "label"])["rate"].max()
    else:
        sizes = found.groupby(["corpus", "label"]).size().rename("messages").reset_index()
        single = found.assign(findings=found["findings"].map(lambda names: sorted(set(names)))).explode("findings")
        counts = single.groupby(["findings", "corpus", "label"]).size().rename("hits").reset_index()
        joined = counts.merge(sizes, on=["corpus", "label"]).rename(columns={"findings": "signature"})
        hits = joined.assign(rate=joined["hits"] / joined["messages"]).set_index(["signature", "corpus", "label"])[
            "rate"
        ]
    shares: pd.DataFrame = hits.unstack(["label", "corpus"]).sort_index(axis=1).fillna(0.0)
    return shares
