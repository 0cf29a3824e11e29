"""What mistakes cost, whether promises are kept, and the policy that follows: tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seg_ml.evaluation.bands import Prices, band_cost, cheapest_band
from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.conformal import band_figures
from seg_ml.evaluation.metrics import curve, reliability
from seg_ml.evaluation.scores import threat, unwanted
from seg_ml.evaluation.slices import slices
from seg_ml.evaluation.thresholds import cheapest
from seg_ml.training.research.canvas import UNWANTED_COLOUR, WANTED_COLOUR, canvas, name, panels

_LINES = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ccbb44", "#66ccee")
_SHOWN = 6


def reliability_by_slice(rows: pd.DataFrame, minimum: int, bins: int = 5) -> Figure:
    """Outcome over promise for the largest slices that hold both classes, beside all mail together."""
    bad, scores = unwanted(rows), threat(rows)
    parts = [p for p in slices(rows) if p.members.sum() >= minimum and 0 < bad[p.members].sum() < p.members.sum()]
    parts.sort(key=lambda part: -int(part.members.sum()))
    figure, axes = canvas(
        "do probabilities mean the same everywhere?", "probability of being unwanted", "share unwanted", (6.5, 5)
    )
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    whole = reliability(bad, scores, bins)
    axes.plot(whole["probability"], whole["frequency"], "o-", color="black", linewidth=2, label=f"all ({len(rows):,})")
    for part, colour in zip(parts[:_SHOWN], _LINES, strict=False):
        table = reliability(bad[part.members], scores[part.members], bins)
        label = f"{part.by}: {part.value} ({int(part.members.sum()):,})"
        axes.plot(
            table["probability"], table["frequency"], "o-", color=colour, linewidth=0.9, markersize=4, label=label
        )
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=2)
    return figure


def plot_ece_by_slice(table: pd.DataFrame, shown: int = 16) -> Figure:
    """A row per slice of `ece_by_slice`: its calibration error, and in grey what chance gives a perfect model."""
    rows = table.head(shown)
    figure, axes = canvas("calibration in parts", "expected calibration error", "", (7.5, 0.3 * len(rows) + 1.4))
    heights = np.arange(len(rows))[::-1]
    axes.hlines(heights, rows["by_chance"], rows["ece"], color="#bbbbbb", linewidth=2)
    axes.scatter(rows["by_chance"], heights, color="#bbbbbb", zorder=3, label="a perfect model, by chance")
    axes.scatter(rows["ece"], heights, color=UNWANTED_COLOUR, zorder=3, label="this model")
    axes.set_yticks(heights, [f"{row.by}: {row.value} ({row.n:,})" for row in rows.itertuples()], fontsize=8)
    axes.set_xlim(left=0)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=2)
    return figure


def cost_table(rows: pd.DataFrame, alarms: Sequence[float], prevalences: Sequence[float]) -> pd.DataFrame:
    """The cheapest threshold for each price of a false alarm (a miss costs one) and share of unwanted mail.

    Columns: alarm, prevalence, threshold, cost (a thousand messages), recall, false_positive_rate, in_theory (the
    threshold that the price alone would give, were probabilities perfect and the prevalence that of `rows`).
    """
    bad, scores = unwanted(rows), threat(rows)
    found = []
    for alarm in alarms:
        for prevalence in prevalences:
            threshold, cost = cheapest(rows, 1.0, alarm, prevalence)
            flagged = scores >= threshold
            found.append(
                {
                    "alarm": alarm,
                    "prevalence": prevalence,
                    "threshold": threshold,
                    "cost": 1000 * cost,
                    "recall": float(flagged[bad].mean()),
                    "false_positive_rate": float(flagged[~bad].mean()),
                    "in_theory": alarm / (alarm + 1),
                }
            )
    return pd.DataFrame(found)


def plot_costs(rows: pd.DataFrame, alarms: Sequence[float], prevalence: float) -> Figure:
    """Cost over the threshold, a line per price of a false alarm; the dot is the cheapest threshold."""
    points = curve(unwanted(rows), threat(rows)).iloc[1:]
    title = f"what mistakes cost where {prevalence:.0%} of the mail is unwanted"
    figure, axes = canvas(title, "threshold on the probability", "cost of a thousand messages (a miss costs 1)")
    for alarm, colour in zip(alarms, _LINES, strict=False):
        misses = prevalence * (1 - points["recall"])
        cost = 1000 * (misses + alarm * (1 - prevalence) * points["false_positive_rate"])
        axes.step(
            points["threshold"], cost.clip(lower=0.1), where="pre", color=colour, label=f"an alarm costs {alarm:g}"
        )
        threshold, least = cheapest(rows, 1.0, alarm, prevalence)
        axes.scatter(min(threshold, 1.0), max(1000 * least, 0.1), color=colour, zorder=3, clip_on=False)
    axes.set(yscale="log", xlim=(0, 1))
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=4)
    return figure


def plot_promises(table: pd.DataFrame) -> Figure:
    """Promised and measured rate of each row of `promise_table`, and the share of unwanted mail caught."""
    figure, (left, right) = panels(2, (9.5, 3.8))
    places = np.arange(len(table))
    errors = [table["false_positive_rate"] - table["low"], table["high"] - table["false_positive_rate"]]
    left.errorbar(places, table["false_positive_rate"], errors, fmt="o", color=WANTED_COLOUR, label="measured, 95 %")
    left.scatter(places, table["promised"], marker="_", s=400, color="black", label="promised at most")
    right.bar(places, table["recall"], color=UNWANTED_COLOUR, width=0.6)
    for axes in (left, right):
        axes.set_xticks(places, [percent(rate) for rate in table["promised"]])
        axes.set_xlim(-0.6, len(table) - 0.4)
    name(left, "wanted mail flagged", "promised rate", "false-positive rate")
    name(right, "unwanted mail caught", "promised rate", "recall")
    left.set_ylim(bottom=0)
    right.set_ylim(0, 1)
    left.legend(fontsize=8, loc="upper left")
    return figure


def plot_coverage(table: pd.DataFrame, promised: float, shown: int = 20) -> Figure:
    """A row per slice of wanted mail with its exact interval; red where the promise is broken for certain."""
    rows = table.head(shown)
    title = f"is {percent(promised)} kept everywhere?"
    figure, axes = canvas(title, "wanted mail flagged (95 %)", "", (8, 0.27 * len(rows) + 1.5))
    heights = np.arange(len(rows))[::-1]
    colours = [UNWANTED_COLOUR if kept == "no" else WANTED_COLOUR for kept in rows["kept"]]
    axes.hlines(heights, rows["low"], rows["high"], color=colours, linewidth=1.4)
    axes.scatter(rows["rate"], heights, color=colours, zorder=3, s=22)
    axes.axvline(promised, color="black", linewidth=0.9, linestyle="--")
    names = [f"{row.by}: {row.value} ({row.wanted:,})" for row in rows.itertuples()]
    axes.set_yticks(heights, names, fontsize=8)
    axes.set_xscale("symlog", linthresh=0.01)
    axes.set_xticks([0, 0.005, 0.01, 0.05, 0.2, 1.0], ["0", "0.5 %", "1 %", "5 %", "20 %", "100 %"])
    axes.set(xlim=(-0.0005, 1.1), ylim=(-0.7, max(1, len(rows)) - 0.3))
    return figure


def plot_abstention(table: pd.DataFrame, flagged: float) -> Figure:
    """How much must be looked at, over the promise about misses, in `table` of `abstention_curve`."""
    title = f"what is left to look at, with at most {percent(flagged)} of wanted mail held"
    figure, axes = canvas(title, "unwanted mail delivered at most (promised)", "share of the kind looked at", (7, 4.2))
    axes.plot(table["missed"], table["wanted looked at"], "o-", color=WANTED_COLOUR, label="of wanted mail")
    axes.plot(table["missed"], table["unwanted looked at"], "o-", color=UNWANTED_COLOUR, label="of unwanted mail")
    axes.set(xscale="log", ylim=(-0.02, 1.02))
    axes.set_xticks(table["missed"], [percent(rate) for rate in table["missed"]])
    axes.minorticks_off()
    axes.legend(fontsize=8, loc="upper right")
    return figure


def band_table(
    rows: pd.DataFrame, judged: pd.DataFrame, alarms: Sequence[float], looks: Sequence[float]
) -> pd.DataFrame:
    """What a band saves against one threshold, for prices of a false alarm and of a look (a miss costs one).

    Bands are made on `rows` and judged on `judged`. Columns: alarm, look, low, high, looked at (share of the mail),
    unwanted delivered, wanted held (shares of their kind), cost, cost without a band (a thousand messages).
    """
    found = []
    for alarm in alarms:
        for look in looks:
            prices, dear = Prices(alarm, look), Prices(alarm, np.inf)
            band, alone = cheapest_band(rows, prices), cheapest_band(rows, Prices(alarm, alarm + 1))
            figures = band_figures(band, judged)
            found.append(
                {
                    "alarm": alarm,
                    "look": look,
                    "low": band.low,
                    "high": band.high,
                    **{name: figures[name] for name in ("looked at", "unwanted delivered", "wanted held")},
                    "cost": 1000 * band_cost(band, judged, prices),
                    "cost without": 1000 * band_cost(alone, judged, dear),
                }
            )
    return pd.DataFrame(found)
