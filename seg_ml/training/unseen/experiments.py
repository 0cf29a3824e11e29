"""Which messages an experiment learns from, and which it is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.corpora.card import made_corpora
from seg_ml.domain.errors import ConfigError
from seg_ml.training.development import is_threat


@dataclass(frozen=True)
class Experiment:
    """Rows to learn from and rows to be judged, all of them sent; no campaign stands on both sides."""

    name: str
    train: NDArray[np.intp]
    test: NDArray[np.intp]

    def bounded(self, most: int, generator: np.random.Generator) -> Experiment:
        """The same, learning from at most so many rows."""
        return replace(self, train=np.sort(generator.permutation(self.train)[:most]))


def leave_one_out(frame: pd.DataFrame, corpora: Sequence[str]) -> Iterator[Experiment]:
    """One experiment a corpus: it is judged, and learned from nowhere.

    A corpus of one kind only (phishing, or wanted mail) is judged beside the test split of the other kind from the
    other collected corpora, which then is not learned from either; mail that was made fills up no test.
    """
    made, threat = _made(frame), is_threat(frame)
    for corpus in corpora:
        held = (frame["corpus"] == corpus).to_numpy()
        if not held.any():
            raise ConfigError(f"unseen: corpus {corpus!r} has no messages; unseen.corpora names those that are read")
        test, train = held, ~held
        if len(set(threat[held])) == 1:
            spare = (frame["split"] == "test").to_numpy() & ~made
            test = held | (spare & (threat != threat[held][0]))
            train = ~held & (frame["split"] != "test").to_numpy()
        yield _apart(f"without {corpus}", frame, train, test)


def forward_in_time(frame: pd.DataFrame, since: int) -> Experiment:
    """Learn from mail before a year, be judged on mail of that year and later, and on made mail held out.

    Corpora that end before are learned from but for their test split, whose wanted mail is judged too.
    """
    made = _made(frame)
    later = (frame["year"] >= since).fillna(False).to_numpy(bool) & ~made
    held_out = (frame["split"] == "test").to_numpy()
    wanted = ~is_threat(frame)
    return _apart(f"mail of {since} and later", frame, ~later & ~held_out, later | (held_out & wanted))


def learned_from(frame: pd.DataFrame, corpora: Sequence[str]) -> Experiment:
    """Learn from these corpora alone, as a model does that is shipped; be judged on all other mail that was collected.

    `test` has no rows where there is no such mail.
    """
    used = frame["corpus"].isin(corpora).to_numpy()
    return _apart(f"learned from {' and '.join(corpora)} alone", frame, used, ~used & ~_made(frame))


def _made(frame: pd.DataFrame) -> NDArray[np.bool_]:
    return frame["corpus"].isin(made_corpora(frame["corpus"].unique())).to_numpy()


def _apart(name: str, frame: pd.DataFrame, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Experiment:
    test = test & (frame["disguise"] == "").to_numpy()
    judged = set(frame.loc[test, "cluster"])
    train = train & ~test & ~frame["cluster"].isin(judged).to_numpy()
    return Experiment(name, np.flatnonzero(train), np.flatnonzero(test))
