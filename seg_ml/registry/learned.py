"""Which messages a version learned from, kept with its run: so that nobody measures it on mail that it knows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from numpy.typing import NDArray

from seg_ml.domain.digest import file_sha256
from seg_ml.registry.runs import ActiveRun
from seg_ml.registry.settings import RegistrySettings, connect
from seg_ml.registry.versions import VersionInfo

LEARNED = "learned.parquet"
"""Artifact of a run; no part of the model, so that whoever serves it never fetches it."""

TAG = "learned_sha256"
"""Tag of a version: hash of that file."""

_DIGITS = 16
"""Of a hash, as campaigns are named: two of a million messages share them once in 37 million corpora."""


@dataclass(frozen=True)
class Learned:
    """What a version learned from: beginnings of the SHA-256 of its messages, and names of their campaigns.

    A campaign is named by the beginning of its smallest hash (see `corpora.prepare`), so both are hashes of messages
    that the version knows, itself or by a near copy.
    """

    messages: frozenset[str]
    campaigns: frozenset[str]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Learned:
        """Of messages to learn from, with `sha256` and `cluster`."""
        return cls(frozenset(frame["sha256"].str[:_DIGITS]), frozenset(frame["cluster"].str[:_DIGITS]))

    def __or__(self, other: Learned) -> Learned:
        return Learned(self.messages | other.messages, self.campaigns | other.campaigns)

    def knows(self, mail: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether each message is one of them or stands in a campaign with one, shape (n,).

        `mail` (`sha256`, `cluster`) holds all the mail there is: what was learned from may be in no test split.
        """
        seen = self.messages | self.campaigns
        met = mail["sha256"].str[:_DIGITS].isin(seen) | mail["cluster"].str[:_DIGITS].isin(seen)
        return np.asarray(met.groupby(mail["cluster"].to_numpy()).transform("any"), dtype=np.bool_)


def log_learned(run: ActiveRun, learned: Learned) -> dict[str, str]:
    """Log the record with a run; the tag that its version shall carry."""
    rows = [(kind, name) for kind, names in _kinds(learned) for name in sorted(names)]
    with tempfile.TemporaryDirectory(prefix="learned-") as folder:
        path = Path(folder) / LEARNED
        pd.DataFrame(rows, columns=["of", "sha256"]).to_parquet(path, index=False, compression="zstd")
        run.file(path)
        return {TAG: file_sha256(path)}


def learned_of(info: VersionInfo, settings: RegistrySettings | None = None) -> Learned | None:
    """The record of a version; `None` where it has none, or one that is not as it was written."""
    if TAG not in info.tags:
        return None
    connect(settings)
    with tempfile.TemporaryDirectory(prefix="learned-") as folder:
        try:
            uri = f"runs:/{info.run_id}/{LEARNED}"
            path = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))
        except (MlflowException, OSError):
            return None
        if file_sha256(path) != info.tags[TAG]:
            return None
        rows = pd.read_parquet(path)
    names = rows.groupby("of")["sha256"].agg(frozenset)
    return Learned(names.get("message", frozenset()), names.get("campaign", frozenset()))


def _kinds(learned: Learned) -> Iterable[tuple[str, frozenset[str]]]:
    return (("message", learned.messages), ("campaign", learned.campaigns))
