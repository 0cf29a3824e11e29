"""Where to stop deciding: the band of probabilities between delivering and holding in which somebody should look.

Chow's rule: with calibrated probability p, delivering costs p misses, holding costs (1 - p) false alarms, and looking
costs what looking costs; each message takes the cheapest of the three. In theory the band runs from look/miss to
1 - look/alarm. Here its ends are those that were cheapest on mail with known labels, which asks for no calibration,
and a promise about wanted mail (see `conformal`) may raise the upper one. Where looking is dear there is no band.

Source: Chow, On optimum recognition error and reject tradeoff (1970).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import yaml

from seg_ml.evaluation.conformal import Band, promise, promise_within
from seg_ml.evaluation.metrics import Bools, Floats, ratio
from seg_ml.evaluation.scores import threat, unwanted
from seg_ml.evaluation.thresholds import cheapest


@dataclass(frozen=True, slots=True)
class Prices:
    """What things cost where a miss costs 1. `share` of the mail there is unwanted; `None`: as much as in the data."""

    alarm: float
    look: float
    share: float | None = None


def cheapest_band(rows: pd.DataFrame, prices: Prices) -> Band:
    """The band at which mistakes and looking cost least on these messages; empty (`low` = `high`) without one."""
    bad, scores = unwanted(rows), threat(rows)
    weights = _weights(bad, prices.share)
    order = np.argsort(scores, kind="stable")
    ends = np.r_[0, np.flatnonzero(np.diff(scores[order])) + 1, len(scores)]
    candidates = np.r_[scores[order][ends[:-1]], np.inf]
    # Both costs as functions of one end alone: all below `low` is delivered, all from `high` on is held.
    delivered = _below(weights * bad, order, ends) - prices.look * _below(weights, order, ends)
    held = prices.alarm * _from(weights * ~bad, order, ends) - prices.look * _from(weights, order, ends)
    low = candidates[int(np.argmin(delivered))]
    high = candidates[len(held) - 1 - int(np.argmin(held[::-1]))]  # of equals the strictest, as `cheapest` has it
    if low < high:
        return Band(float(low), float(high))
    threshold, _ = cheapest(rows, 1.0, prices.alarm, prices.share)
    return Band(threshold, threshold)


def suggested(rows: pd.DataFrame, prices: Prices, promised: float | None = None, within: str = "") -> Band:
    """The cheapest band; its upper end raised where more than `promised` of wanted mail would be held.

    With the name of a column as `within`, of the wanted mail of each of its values, where there is enough.
    """
    band = cheapest_band(rows, prices)
    if promised is None:
        return band
    made = promise_within(rows, promised, within) if within else promise(rows, promised)
    return Band(band.low, max(band.high, made.threshold))


def band_cost(band: Band, rows: pd.DataFrame, prices: Prices) -> float:
    """What a message costs on average under a band, in misses."""
    bad, scores = unwanted(rows), threat(rows)
    held, delivered = scores >= band.high, scores < band.low
    costs = np.where(held, prices.alarm * ~bad, np.where(delivered, bad.astype(float), prices.look))
    return float(_weights(bad, prices.share) @ costs)


def policy_fragment(band: Band) -> str:
    """The band as rows for `inbound:` of `policy.yaml`: hold, hold for a look as `undecided`, deliver.

    Ends are rounded up for holding and down for looking, so that no promise is weakened; where nothing can be held on
    the promise, the row that would hold is left out, and the undecided row takes all above its lower end.
    """
    rows: list[dict[str, object]] = []
    high, low = float(np.ceil(band.high * 1e4) / 1e4), float(np.floor(band.low * 1e4) / 1e4)
    if high <= 1.0:
        rows.append({"id": "unwanted", "when": {"threat_probability": high}, "then": "quarantine"})
    if band.low < band.high and low <= 1.0:
        between = {"undecided": {"from": low, "below": high}} if high <= 1.0 else {"threat_probability": low}
        rows.append({"id": "undecided", "when": between, "then": "quarantine"})
    rows.append({"id": "clean", "then": "deliver"})
    return yaml.safe_dump({"inbound": rows}, sort_keys=False)


def _weights(bad: Bools, share: float | None) -> Floats:
    """A weight per message, 1 in all, so that unwanted mail makes up `share` of it."""
    if share is None:
        return np.full(len(bad), ratio(1, len(bad)))
    sides = np.array([ratio(1 - share, int((~bad).sum())), ratio(share, int(bad.sum()))])
    return np.asarray(sides[bad.astype(int)])


def _below(weights: Floats, order: np.ndarray, ends: np.ndarray) -> Floats:
    return np.asarray(np.r_[0.0, np.cumsum(weights[order])][ends])


def _from(weights: Floats, order: np.ndarray, ends: np.ndarray) -> Floats:
    return np.asarray(weights.sum() - _below(weights, order, ends))
