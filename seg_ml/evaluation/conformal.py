"""Thresholds with a promise: at most so many wanted messages flagged, so many unwanted ones delivered.

Split-conformal: the threshold is an order statistic of the scores of n wanted messages that no model learned from. A
new wanted message is as likely to fall into any of the n + 1 gaps between them as into any other, *if* it is of the
same kind as they are (exchangeable). That is all that is assumed; scores need not be calibrated. Mail of another
source, or twenty copies of one letter among the n, break it, so what was promised is checked on other mail, slice by
slice.

Source: Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World (2005); Angelopoulos & Bates, A Gentle
Introduction to Conformal Prediction (2022), §3.2 for the distribution of coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta

from seg_ml.evaluation.intervals import clopper_pearson
from seg_ml.evaluation.metrics import Bools, ratio
from seg_ml.evaluation.scores import threat, unwanted
from seg_ml.evaluation.slices import slices


@dataclass(frozen=True, slots=True)
class Promise:
    """A threshold and what is promised of it. Messages are flagged at or above `threshold`.

    `expected` is the false-positive rate to expect, at most `promised`; in 95 of 100 choices of the `n` messages that
    of the threshold is at most `likely_at_most`. The threshold is infinite where `n` is too small: flag nothing.
    """

    promised: float
    n: int
    threshold: float
    expected: float
    likely_at_most: float


@dataclass(frozen=True, slots=True)
class Band:
    """Deliver below `low`, hold at or above `high`, look at what lies between; `low` is at most `high`."""

    low: float
    high: float


def least(promised: float) -> int:
    """How many wanted messages a promise needs at least: one of n + 1 must be within it."""
    return math.ceil(1 / promised - 1e-9) - 1


def promise(rows: pd.DataFrame, promised: float) -> Promise:
    """The lowest threshold whose false-positive rate is promised to be at most `promised`, in (0, 1).

    `rows` are scores of one model on messages that it did not learn from; only wanted ones count.
    """
    ham = np.sort(threat(rows)[~unwanted(rows)])
    rank = math.ceil((len(ham) + 1) * (1 - promised) - 1e-9)
    if rank > len(ham):
        return Promise(promised, len(ham), math.inf, 0.0, 0.0)
    above = len(ham) + 1 - rank
    return Promise(
        promised=promised,
        n=len(ham),
        threshold=float(np.nextafter(ham[rank - 1], math.inf)),
        expected=above / (len(ham) + 1),
        likely_at_most=float(beta.ppf(0.95, above, rank)),
    )


def promise_within(rows: pd.DataFrame, promised: float, by: str) -> Promise:
    """The lowest threshold that keeps the promise in every part of the mail by itself, such as each genre.

    That of the most suspected part, and kept with room to spare in the others (Mondrian conformal prediction: Vovk et
    al. 2005, §4.5). Parts with too little wanted mail for the promise have no say, and none is made to them.
    """
    return _strictest([promise(part, promised) for _, part in rows.groupby(by)], promised)


def promise_in_slices(rows: pd.DataFrame, promised: float) -> Promise:
    """The same for every slice of a report at once: each corpus, kind, genre, language, year, size and form."""
    return _strictest([promise(rows[part.members], promised) for part in slices(rows)], promised)


def _strictest(parts: Sequence[Promise], promised: float) -> Promise:
    enough = [part for part in parts if not math.isinf(part.threshold)]
    return max(enough, key=lambda part: part.threshold, default=Promise(promised, 0, math.inf, 0.0, 0.0))


def promise_table(rows: pd.DataFrame, rates: Sequence[float], judged: pd.DataFrame) -> pd.DataFrame:
    """A row per promised rate, made on `rows` and checked on `judged`.

    Columns: promised, needed (wanted messages at least), n, threshold, expected, likely_at_most; then on the mail
    judged: false_positive_rate with its exact interval (low, high), and recall.
    """
    bad, scores = unwanted(judged), threat(judged)
    found = []
    for rate in rates:
        made = promise(rows, rate)
        flagged = scores >= made.threshold
        ends = clopper_pearson(int((flagged & ~bad).sum()), int((~bad).sum()))
        found.append(
            {
                "promised": rate,
                "needed": least(rate),
                "n": made.n,
                "threshold": made.threshold,
                "expected": made.expected,
                "likely_at_most": made.likely_at_most,
                "false_positive_rate": ratio(int((flagged & ~bad).sum()), int((~bad).sum())),
                "low": ends.low,
                "high": ends.high,
                "recall": ratio(int((flagged & bad).sum()), int(bad.sum())),
            }
        )
    return pd.DataFrame(found)


def coverage(rows: pd.DataFrame, threshold: float, promised: float) -> pd.DataFrame:
    """Whether a promise holds in each slice of wanted mail, the worst first.

    Columns: by, value, wanted, flagged, rate, low, high (exact, 95 %), kept: `no` where even the low end is above the
    promise, `yes` where the high end is within it, else `open`. Messages count one by one, so that many copies of one
    letter make an interval look surer than it is.
    """
    ham, flagged = ~unwanted(rows), threat(rows) >= threshold
    found = []
    for part in slices(rows):
        count, hits = int((part.members & ham).sum()), int((part.members & ham & flagged).sum())
        if not count:
            continue
        ends = clopper_pearson(hits, count)
        kept = "no" if ends.low > promised else "yes" if ends.high <= promised else "open"
        found.append([part.by, part.value, count, hits, hits / count, ends.low, ends.high, kept])
    columns = ["by", "value", "wanted", "flagged", "rate", "low", "high", "kept"]
    return pd.DataFrame(found, columns=columns).sort_values(["low", "rate"], ascending=False, ignore_index=True)


def abstain(rows: pd.DataFrame, flagged: float, missed: float) -> Band:
    """Two thresholds and a promise of each: of wanted mail at most `flagged` is held, of unwanted `missed` delivered.

    Where one threshold keeps both promises there is nothing between.
    """
    high = promise(rows, flagged).threshold
    bad = np.sort(threat(rows)[unwanted(rows)])
    rank = math.floor((len(bad) + 1) * missed + 1e-9)
    low = float(bad[min(rank, len(bad)) - 1]) if rank and len(bad) else 0.0
    return Band(min(low, high), high)


def band_figures(band: Band, rows: pd.DataFrame) -> dict[str, float]:
    """What a band does to other mail: shares held and delivered wrongly, and the shares of either kind looked at."""
    bad, scores = unwanted(rows), threat(rows)
    held, delivered = scores >= band.high, scores < band.low
    between = ~held & ~delivered
    return {
        "wanted held": _share(held, ~bad),
        "unwanted delivered": _share(delivered, bad),
        "wanted looked at": _share(between, ~bad),
        "unwanted looked at": _share(between, bad),
        "looked at": float(between.mean()),
    }


def abstention_curve(rows: pd.DataFrame, judged: pd.DataFrame, flagged: float, missed: Sequence[float]) -> pd.DataFrame:
    """What is looked at for each promise about misses, that about wanted mail staying.

    Bands are made on `rows`, and what they do is seen on `judged`.

    Columns: missed, low, high, and those of `band_figures`.
    """
    bands = {rate: abstain(rows, flagged, rate) for rate in missed}
    return pd.DataFrame(
        [
            {"missed": rate, "low": band.low, "high": band.high, **band_figures(band, judged)}
            for rate, band in bands.items()
        ]
    )


def _share(part: Bools, among: Bools) -> float:
    return ratio(int((part & among).sum()), int(among.sum()))
