"""Intervals: of figures by a bootstrap over campaigns, of plain rates by counting.

Messages of one campaign are copies of one idea, so a resample draws whole campaigns (clusters) with replacement.
A resample is kept as a weight per message, and every statistic takes weights of shape (resamples, n): nothing is
copied, and 1,000 resamples of 2,000 messages take well under a second.

Sources: Davison & Hinkley, Bootstrap Methods (1997), §3.8; Brown, Cai, DasGupta, Interval Estimation for a
Binomial Proportion (2001).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, norm

from seg_ml.evaluation.metrics import Floats, Ints

Weights = NDArray[np.float32]
Statistic = Callable[[Weights], Floats]
CHUNK = 100  # resamples in memory at a time: 100 × 10,000 messages in float32 are 4 MB


@dataclass(frozen=True, slots=True)
class Interval:
    """Two-sided interval of a figure; NaN at both ends where nothing could be counted."""

    low: float
    high: float
    level: float = 0.95


def wilson(hits: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's score interval of a rate; good for plots and tables."""
    if n == 0:
        return Interval(math.nan, math.nan, level)
    z = float(norm.ppf(0.5 + level / 2))
    centre, spread = (hits + z * z / 2) / (n + z * z), z / (n + z * z) * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return Interval(centre - spread if hits else 0.0, centre + spread if hits < n else 1.0, level)


def clopper_pearson(hits: int, n: int, level: float = 0.95) -> Interval:
    """The exact interval of a rate; never shorter than promised, and honest where all or none were hit."""
    if n == 0:
        return Interval(math.nan, math.nan, level)
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, n - hits)) if hits < n else 1.0
    return Interval(low, high, level)


def cluster_draws(clusters: int, resamples: int, seed: int) -> Iterator[Weights]:
    """How often each cluster is drawn, in chunks of shape (≤ CHUNK, clusters); the same for the same seed."""
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, CHUNK):
        size = min(CHUNK, resamples - start)
        drawn = rng.integers(clusters, size=(size, clusters)) + clusters * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * clusters).reshape(size, clusters).astype(np.float32)


def resampled(statistic: Statistic, clusters: ArrayLike, resamples: int = 1000, seed: int = 0) -> Floats:
    """A statistic of every resample, shape (resamples, …).

    `statistic` maps message weights of shape (r, n) to values of shape (r, …). Two statistics under one seed
    see the same resamples, so their difference is a paired one.
    """
    codes = codes_of(clusters)
    draws = cluster_draws(int(codes.max()) + 1, resamples, seed)
    return np.concatenate([np.asarray(statistic(draw[:, codes])) for draw in draws])


def codes_of(clusters: ArrayLike) -> Ints:
    """Cluster names as numbers 0…k-1, shape (n,)."""
    return np.asarray(np.unique(np.asarray(clusters).astype(str), return_inverse=True)[1], dtype=np.int64)


def percentile(values: Floats, level: float = 0.95) -> Interval:
    """The middle `level` of resampled values, those that could not be computed (NaN) left out."""
    kept = values[~np.isnan(values)]
    if not len(kept):
        return Interval(math.nan, math.nan, level)
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def with_certainty(interval: Interval, figure: float, independent: int) -> Interval:
    """Widen an interval that the bootstrap could not: where all (or none) of a share were hit, none can vary.

    Then the exact interval over the number of independent observations (clusters) takes its place.
    """
    if interval.high > interval.low or figure not in (0.0, 1.0):
        return interval
    return clopper_pearson(independent if figure else 0, independent, interval.level)
