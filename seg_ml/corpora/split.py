"""Train, validation and test: whole campaigns on one side, proportions of every kind kept, fixed by seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.corpora.schema import read_prepared
from seg_ml.corpora.store import replacing, write_json
from seg_ml.domain.errors import CorpusError

Strategy = Literal["cluster", "time"]
SPLITS = ("train", "validation", "test")
TEST, VALIDATION = 0.30, 0.15
STRATUM = ["corpus", "kind", "label"]


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of messages that are held out, each in [0, 1); the rest trains."""

    test: float = TEST
    validation: float = VALIDATION

    def __post_init__(self) -> None:
        if min(self.test, self.validation) < 0 or self.test + self.validation >= 1:
            raise CorpusError(f"split: test {self.test} and validation {self.validation} must leave something to train")

    @property
    def each(self) -> NDArray[np.float64]:
        """Shares in the order of `SPLITS`; they sum to 1."""
        return np.array([1 - self.test - self.validation, self.validation, self.test])


def split(
    messages: Path = Path("data/prepared/messages.parquet"),
    output: Path = Path("data/prepared/splits.parquet"),
    test: float = TEST,
    validation: float = VALIDATION,
    strategy: Strategy = "cluster",
    seed: int = 7,
) -> dict[str, dict[str, dict[str, int]]]:
    """Write (sha256, split, cluster) to `output`, and counts to the `.json` beside it.

    Returns:
        Counts as split → corpus → label → messages.

    Raises:
        CorpusError: no prepared messages, an unknown strategy, or shares that leave nothing to train.
    """
    frame = read_prepared(messages)
    assigned = frame[["sha256"]].assign(split=assign(frame, Shares(test, validation), strategy, seed))
    assigned["cluster"] = frame["cluster"]
    with replacing(output) as temporary:
        assigned.to_parquet(temporary, index=False)
    counts = _counts(frame.assign(split=assigned["split"]))
    write_json(output.with_suffix(".json"), counts)
    return counts


def assign(frame: pd.DataFrame, shares: Shares, strategy: Strategy = "cluster", seed: int = 7) -> pd.Series[str]:
    """A split per row of a frame with `cluster`, `date`, `corpus`, `kind` and `label`.

    Raises:
        CorpusError: the strategy is unknown.
    """
    if strategy not in get_args(Strategy):
        raise CorpusError(f"split: unknown strategy {strategy!r}; known are: {', '.join(get_args(Strategy))}")
    chosen = _by_cluster(frame, shares, seed) if strategy == "cluster" else _by_time(frame, shares)
    return frame["cluster"].map(chosen)


def _by_cluster(frame: pd.DataFrame, shares: Shares, seed: int) -> Mapping[str, str]:
    """Largest clusters first, each to the side that is then nearest to its share in every stratum."""
    strata = frame.groupby(STRATUM, sort=True).ngroup()
    wanted = strata.value_counts().sort_index().to_numpy()[:, None] * shares.each
    filled = np.zeros_like(wanted)
    open_sides = np.flatnonzero(shares.each > 0)
    chosen: dict[str, str] = {}
    for cluster, numbers, counts in _clusters(frame["cluster"], strata, np.random.default_rng(seed)):
        # Growth of Σ (filled - wanted)² / wanted over the strata of the cluster, per side.
        gap = 2 * (filled - wanted)[numbers] + counts[:, None]
        cost = (counts[:, None] * gap)[:, open_sides] / wanted[np.ix_(numbers, open_sides)]
        side = open_sides[int(cost.sum(axis=0).argmin())]
        filled[numbers, side] += counts
        chosen[cluster] = SPLITS[side]
    return chosen


def _clusters(
    clusters: pd.Series[str], strata: pd.Series[int], generator: np.random.Generator
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """Each cluster with the strata it has messages in and how many: by size, at random among equals."""
    table = (
        pd.DataFrame({"cluster": clusters, "stratum": strata}).value_counts(sort=False).rename("count").reset_index()
    )
    members = {
        str(name): (rows["stratum"].to_numpy(), rows["count"].to_numpy()) for name, rows in table.groupby("cluster")
    }
    names = sorted(members)
    order = generator.permutation(len(names))
    for index in sorted(order, key=lambda index: -members[names[index]][1].sum()):
        yield names[index], *members[names[index]]


def _by_time(frame: pd.DataFrame, shares: Shares) -> Mapping[str, str]:
    """Of each corpus and label the latest messages are held out. A cluster goes where its earliest message goes.

    Per corpus and label, since corpora are of different years: cut across all, the test would be one corpus.
    Messages without a date train, since nothing shows that they came later.
    """
    rank = frame.groupby(["corpus", "label"])["date"].rank(method="max", pct=True)
    # Rounded, since 1 - 0.3 - 0.15 is a little less than 0.55.
    bounds = np.cumsum(shares.each)[:-1].round(9)
    side = np.searchsorted(bounds, rank.fillna(0).round(9).to_numpy(), side="left")
    table = pd.DataFrame({"cluster": frame["cluster"], "date": frame["date"], "side": side})
    earliest = table.sort_values(["date", "side"], na_position="first").groupby("cluster")["side"].first()
    return {str(cluster): SPLITS[number] for cluster, number in earliest.items()}


def _counts(frame: pd.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    counts: dict[str, dict[str, dict[str, int]]] = {name: {} for name in SPLITS}
    sizes = frame.groupby(["split", "corpus", "label"]).size().reset_index(name="count")
    for name, corpus, label, count in sizes.itertuples(index=False):
        counts[name].setdefault(corpus, {})[label] = int(count)
    return counts


def read_splits(path: Path = Path("data/prepared/splits.parquet")) -> pd.DataFrame:
    """Columns sha256, split, cluster.

    Raises:
        CorpusError: there is no such file.
    """
    if not path.is_file():
        raise CorpusError(f"{path} does not exist: split the prepared messages first")
    return pd.read_parquet(path)
