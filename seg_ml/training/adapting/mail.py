"""The mail of an adaptation: the organization's own, and what is retained of the corpora that the base learned from.

What is judged is never learned from: of the own mail whole campaigns are held out, of the prepared messages the test
split is. The base learned from the rest of these, so there its out-of-fold probabilities stand for its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.artifact.manifest import Manifest
from seg_ml.corpora.fetch import corpus_files
from seg_ml.corpora.prepare import prepare
from seg_ml.corpora.schema import read_prepared
from seg_ml.corpora.split import Shares, assign
from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import CorpusError
from seg_ml.mail.parse import parse
from seg_ml.models.correction import log_odds
from seg_ml.text.tokens import tokens
from seg_ml.training import paths
from seg_ml.training.adapting.scoring import scored
from seg_ml.training.development import is_threat, messages_with_split
from seg_ml.training.disguises import DisguiseOptions, disguised_copies
from seg_ml.training.params import Params
from seg_ml.training.progress import StageProgress, console

_HELD_OUT = Shares(test=0.3, validation=0.0)
_LEAST = 40
_LEAST_LATER = 20
_COPIES = 300


@dataclass(frozen=True)
class OwnMail:
    """`learned` and `judged` as `scored` gives them, with `own` and, below, copies in disguise (`disguise` not empty).

    The copies are threats with the words of own wanted mail. `later` (rows of `learned` and `judged` together) tells
    which own messages are the latest, `None` where few have a date.
    """

    learned: pd.DataFrame
    judged: pd.DataFrame
    later: NDArray[np.bool_] | None = None

    @property
    def together(self) -> pd.DataFrame:
        """Everything that was scored."""
        return pd.concat([self.learned, self.judged], ignore_index=True)


def own_messages(corpora: Sequence[str], params: Params, raw: Path, output: Path) -> pd.DataFrame:
    """The messages of corpora in the folder `raw`, prepared as those of the pipeline are, and written to `output`.

    Raises:
        CorpusError: a corpus is missing or damaged, or there is too little mail to learn from.
    """
    section = params["prepare"]
    files = corpus_files(corpora, raw)
    prepare(files, output, section["near_copy"], section["same_campaign"], console=console)
    frame = read_prepared(output)
    if len(frame) < _LEAST:
        raise CorpusError(f"{', '.join(corpora)}: {len(frame)} messages without copies; add at least {_LEAST}")
    return frame


def gather(
    own: pd.DataFrame, artifact: Path, manifest: Manifest, retained: int, seed: int, report: StageProgress
) -> OwnMail:
    """Score everything once: the own mail, at most `retained` messages a side of the prepared ones, and copies.

    Raises:
        CorpusError: there are no threats, or no wanted mail, on one of the sides.
    """
    held_out = (assign(own, _HELD_OUT, "cluster", seed) == "test").to_numpy()
    mail = scored(own, artifact, report, "own messages scored").assign(own=True, disguise="")
    learned, judged = mail[~held_out], mail[held_out]
    kept = _retained(set(own["sha256"]), set(own["corpus"]), retained, seed)
    if kept is not None:
        beside, test = kept
        learned = pd.concat([learned, _known(beside, artifact, manifest, report)], ignore_index=True)
        said = scored(test, artifact, report, "retained messages scored").assign(own=False, disguise="")
        judged = pd.concat([judged, said], ignore_index=True)
    for side in (learned, judged):
        _check(side)
    learned, judged = (_with_copies(side, artifact, seed, report) for side in (learned, judged))
    found = OwnMail(learned, judged)
    return replace(found, later=_later(found.together, seed))


def _retained(known: set[str], corpora: set[str], count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Prepared messages to learn beside and to be judged on; `None` where there are none."""
    if not (count and paths.MESSAGES.is_file() and paths.SPLITS.is_file()):
        return None
    frame = messages_with_split()
    frame = frame[~frame["sha256"].isin(known) & ~frame["corpus"].isin(corpora)]
    sides = [frame[frame["split"] != "test"], frame[frame["split"] == "test"]]
    some = [side.sample(min(count, len(side)), random_state=seed).sort_values("sha256") for side in sides]
    return some[0].drop(columns="split"), some[1].drop(columns="split")


def _known(frame: pd.DataFrame, artifact: Path, manifest: Manifest, report: StageProgress) -> pd.DataFrame:
    """Messages to learn beside; where the base learned from them, with what it said of them out of fold."""
    if manifest.training.get("data_sha256") == file_sha256(paths.MESSAGES) and paths.FUSED_OOF.is_file():
        everything = messages_with_split()
        learned = everything.loc[everything["split"] != "test", "sha256"]
        out_of_fold = np.load(paths.FUSED_OOF)
        if len(out_of_fold) == len(learned):
            odds = pd.Series(log_odds(out_of_fold), index=learned)
            found = frame["raw"].map(lambda raw: tokens(parse(raw)))
            return frame.assign(odds=frame["sha256"].map(odds), tokens=found, own=False, disguise="")
    return scored(frame, artifact, report, "messages to learn beside scored").assign(own=False, disguise="")


def _check(side: pd.DataFrame) -> None:
    threat = is_threat(side)
    if threat.all() or not threat.any():
        missing, example = ("wanted mail", "ham") if threat.all() else ("threats", "spam")
        raise CorpusError(
            f"no {missing} to learn from or to be judged on: add some with `seg-ml corpora add … --label {example}`, "
            "or run where data/prepared is"
        )


def _with_copies(side: pd.DataFrame, artifact: Path, seed: int, report: StageProgress) -> pd.DataFrame:
    """Threats once more as somebody would send them who knows what the organization's mail looks like."""
    wanted = side[~is_threat(side) & side["own"]]
    threats = side[is_threat(side)]
    threats = threats.sample(min(_COPIES, len(threats)), random_state=seed)
    said = ["odds", "before", "baseline", "transformer", "tokens", "html", "milliseconds"]
    plain = threats.drop(columns=[name for name in said if name in threats])
    copies = disguised_copies(plain.drop(columns="disguise"), wanted, DisguiseOptions(threats=1.0), seed)
    copies = scored(copies.drop(columns="origin"), artifact, report, "threats in own words scored")
    return pd.concat([side, copies.assign(own=False)], ignore_index=True)


def _later(mail: pd.DataFrame, seed: int) -> NDArray[np.bool_] | None:
    """The latest own messages, `None` where too few are dated to say."""
    own = mail[mail["own"]]
    if own["date"].notna().mean() < 0.5 or own["date"].dt.date.nunique() < 2:
        return None
    later = own.index[assign(own, _HELD_OUT, "time", seed) == "test"]
    return np.isin(mail.index, later) if len(later) >= _LEAST_LATER else None
