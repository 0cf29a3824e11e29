"""The messages that a model may learn from, with what was read of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.corpora.schema import read_prepared
from seg_ml.corpora.split import read_splits
from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import WANTED, Label
from seg_ml.training import paths
from seg_ml.training.params import Params


@dataclass(frozen=True)
class Development:
    """Messages to learn from, ordered by hash: those that are not in the test split, where nothing else is said.

    `frame` has the prepared columns but `raw`, with `split`, `disguise`, `tokens`, `text`, `vector` and `blind`;
    `labels` are the classes present, wanted ones first; `target` (n,) is 1 for unwanted mail, 0 for wanted.
    """

    frame: pd.DataFrame
    labels: tuple[str, ...]
    target: NDArray[np.intp]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Development:
        """Of prepared messages merged with what was read of them."""
        frame = frame.sort_values("sha256", ignore_index=True)
        return cls(frame, present_labels(frame), is_threat(frame).astype(np.intp))

    @cached_property
    def genuine(self) -> NDArray[np.bool_]:
        """Whether each message is one that was sent, and not a disguised copy of one, shape (n,)."""
        return (self.frame["disguise"] == "").to_numpy()

    def undisguised(self) -> Development:
        """The messages that were sent."""
        return Development.of(self.frame[self.genuine])

    @property
    def clusters(self) -> NDArray[Any]:
        """Campaign of each message, shape (n,)."""
        return self.frame["cluster"].to_numpy()

    @property
    def corpora(self) -> NDArray[Any]:
        """Corpus of each message, shape (n,)."""
        return self.frame["corpus"].to_numpy()

    @cached_property
    def vectors(self) -> NDArray[np.float64]:
        """Findings and numeric features, shape (n, dim)."""
        return np.stack(self.frame["vector"].to_list()).astype(np.float64)

    @cached_property
    def blind(self) -> NDArray[np.float64]:
        """The same where nothing is known of the session, shape (n, dim)."""
        return np.stack(self.frame["blind"].to_list()).astype(np.float64)

    @cached_property
    def tokens(self) -> list[list[str]]:
        """Tokens of each message."""
        return [list(row) for row in self.frame["tokens"]]

    @property
    def threat(self) -> NDArray[np.bool_]:
        """Whether each message is unwanted, shape (n,)."""
        return is_threat(self.frame)


def learns_text(frame: pd.DataFrame, params: Params) -> NDArray[np.bool_]:
    """Whether a text model may learn from each message, shape (n,): not from twins, whose text says both.

    A twin has the letter of another message and somebody else as its sender. What sets the two apart is in no word, so
    a model of words learns nothing from them but doubt; the fusion learns from all.
    """
    return ~frame["kind"].isin(params["texts"]["without_kinds"]).to_numpy()


def is_threat(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each message is unwanted, shape (n,)."""
    return ~frame["label"].isin([label.value for label in WANTED]).to_numpy()


def messages_with_split(messages: Path = paths.MESSAGES, splits: Path = paths.SPLITS) -> pd.DataFrame:
    """Prepared messages with their split, ordered by hash."""
    frame = read_prepared(messages).drop(columns="cluster").merge(read_splits(splits), on="sha256", validate="1:1")
    return frame.sort_values("sha256", ignore_index=True)


def with_readings(frame: pd.DataFrame, features: Path, disguised: Path) -> pd.DataFrame:
    """Prepared messages with what was read of them, and below them their disguised copies, in no promised order.

    A copy has the campaign, split, corpus, kind and label of its message; `disguise` names what was done to it.
    """
    readings, copies = pd.read_parquet(features), pd.read_parquet(disguised)
    about = frame.drop(columns="raw")
    copied = about.rename(columns={"sha256": "origin"}).merge(copies, on="origin", validate="1:m")
    return pd.concat(
        [about.merge(readings, on="sha256", validate="1:1").assign(disguise=""), copied.drop(columns="origin")],
        ignore_index=True,
    )


def development(features: Path = paths.FEATURES) -> Development:
    """Load the development messages and their disguised copies.

    Raises:
        CorpusError: fewer than two classes, or none of them wanted: nothing could be learned.
    """
    frame = with_readings(messages_with_split(), features / "features.parquet", features / "disguised.parquet")
    data = Development.of(frame[frame["split"] != "test"])
    if len(data.labels) < 2 or Label(data.labels[0]) not in WANTED or Label(data.labels[-1]) in WANTED:
        raise CorpusError(
            f"the corpora in use hold only {', '.join(data.labels) or 'nothing'}: add wanted and unwanted mail"
        )
    return data


def present_labels(frame: pd.DataFrame) -> tuple[str, ...]:
    """Classes with data, in the order of `Label`."""
    present = set(frame["label"])
    return tuple(label.value for label in Label if label.value in present)
