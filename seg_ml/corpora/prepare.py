"""Fetched corpora → messages to learn from: without repeats, without the recipient's side, with campaigns named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from seg_ml.corpora.alike import Pairs, alike, components
from seg_ml.corpora.card import receiving_sites
from seg_ml.corpora.dates import sent_at
from seg_ml.corpora.language import language
from seg_ml.corpora.schema import PREPARED, write_prepared
from seg_ml.corpora.session import recover
from seg_ml.corpora.shingles import WORDS_PER_SHINGLE, Shingles, shingles
from seg_ml.corpora.store import write_json
from seg_ml.domain.errors import CorpusError
from seg_ml.mail.parse import parse
from seg_ml.mail.sender_side import strip_recipient_side

NEAR_COPY = 0.9
SAME_CAMPAIGN = 0.5


@dataclass(frozen=True, slots=True)
class Prepared:
    """What preparation did, in messages. Conflicts are copies under another label.

    Exact copies under two labels are all dropped, since nobody knows which label is right; near-copies
    under two labels are kept, and share a cluster.
    """

    read: int
    exact_copies: int
    exact_conflicts: int
    near_copies: int
    near_conflicts: int
    kept: int
    clusters: int
    largest_cluster: int
    kept_by_label: Mapping[str, int]
    kept_by_corpus: Mapping[str, int]


def prepare(
    raw_paths: Sequence[Path],
    output: Path = Path("data/prepared/messages.parquet"),
    near_copy: float = NEAR_COPY,
    same_campaign: float = SAME_CAMPAIGN,
    shingle_words: int = WORDS_PER_SHINGLE,
    console: Console | None = None,
) -> Prepared:
    """Write prepared messages to `output`, and what was done to the `.json` beside it.

    Of copies the first stays, in the order of `raw_paths`. `near_copy` and `same_campaign` are Jaccard
    similarities in (0, 1] of runs of `shingle_words` words.

    Raises:
        CorpusError: a file is missing, or the result breaks its schema.
    """
    fetched = _read(raw_paths)
    distinct, exact_conflicts = _without_exact_copies(fetched)
    facts, sets = _inspect(distinct, shingle_words, console or Console(stderr=True))
    pairs = alike(sets, min(near_copy, same_campaign))
    labels = distinct["label"].to_numpy(str)
    keep = _first_of_copies(pairs.at_least(near_copy), labels)
    clusters = _cluster_names(distinct["sha256"].to_numpy(str), components(len(labels), pairs.at_least(same_campaign)))
    frame = pd.concat([distinct.drop(columns="raw"), facts], axis=1).assign(cluster=clusters)[keep]
    write_prepared(frame[list(PREPARED.columns)], output)
    report = _report(len(fetched), len(distinct), exact_conflicts, _conflicts(pairs.at_least(near_copy), labels), frame)
    write_json(output.with_suffix(".json"), asdict(report))
    return report


def _read(raw_paths: Sequence[Path]) -> pd.DataFrame:
    missing = [path for path in raw_paths if not path.is_file()]
    if missing or not raw_paths:
        raise CorpusError(f"{missing[0] if missing else 'no corpus'}: fetch the corpora first: seg-ml corpora fetch")
    frames: list[pd.DataFrame] = [pq.read_table(path).to_pandas() for path in raw_paths]
    return pd.concat(frames, ignore_index=True)


def _without_exact_copies(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    labels = frame.groupby("sha256")["label"].transform("nunique")
    certain = frame[labels == 1].drop_duplicates("sha256", keep="first")
    return certain.reset_index(drop=True), int((labels > 1).sum())


def _inspect(frame: pd.DataFrame, shingle_words: int, console: Console) -> tuple[pd.DataFrame, list[Shingles]]:
    rows: list[dict[str, Any]] = []
    sets: list[Shingles] = []
    sites = {str(corpus): receiving_sites(str(corpus)) for corpus in frame["corpus"].unique()}
    mails = zip(frame["corpus"], frame["raw"], strict=True)
    for corpus, raw in track(mails, description="prepare", total=len(frame), console=console):
        message = parse(raw)
        stripped = strip_recipient_side(raw)
        sent = sent_at(message)
        sets.append(shingles(message, shingle_words))
        rows.append(
            {
                "date": sent,
                "year": sent.year if sent else None,
                "language": language(f"{message.subject}\n{message.text}"),
                "size": len(stripped),
                "raw": stripped,
                **asdict(recover(message, sites[corpus])),
            }
        )
    return pd.DataFrame(rows, index=frame.index), sets


def _first_of_copies(copies: Pairs, labels: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Which messages stay: those that are no near-copy of an earlier one that stays under the same label."""
    keep = np.ones(len(labels), bool)
    for left, right in sorted(zip(copies.left, copies.right, strict=True), key=lambda pair: (pair[1], pair[0])):
        if keep[left] and labels[left] == labels[right]:
            keep[right] = False
    return keep


def _conflicts(copies: Pairs, labels: NDArray[np.str_]) -> int:
    differing = labels[copies.left] != labels[copies.right]
    return len(np.union1d(copies.left[differing], copies.right[differing]))


def _cluster_names(hashes: NDArray[np.str_], numbers: NDArray[np.int64]) -> pd.Series[str]:
    """A cluster is named by its smallest hash, so that its name does not depend on the order of corpora."""
    frame = pd.DataFrame({"sha256": hashes, "number": numbers})
    return frame.groupby("number")["sha256"].transform("min").str[:16]


def _report(read: int, distinct: int, exact_conflicts: int, near_conflicts: int, kept: pd.DataFrame) -> Prepared:
    sizes = kept["cluster"].value_counts()
    return Prepared(
        read=read,
        exact_copies=read - distinct - exact_conflicts,
        exact_conflicts=exact_conflicts,
        near_copies=distinct - len(kept),
        near_conflicts=near_conflicts,
        kept=len(kept),
        clusters=len(sizes),
        largest_cluster=int(sizes.max()),
        kept_by_label={str(key): int(count) for key, count in kept["label"].value_counts().items()},
        kept_by_corpus={str(key): int(count) for key, count in kept["corpus"].value_counts().items()},
    )
