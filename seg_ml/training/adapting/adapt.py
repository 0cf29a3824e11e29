"""Learn a correction from own mail, measure it on mail that it never saw, and lay down the artifact."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.artifact.manifest import Manifest
from seg_ml.corpora.store import read_record
from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.figures import key_of
from seg_ml.evaluation.metrics import Floats, threshold_at
from seg_ml.evaluation.shifts import Shift, shifts
from seg_ml.models.correction import NAME, Correction, Examples, fit_correction, two_sided
from seg_ml.registry.lineage import lineage
from seg_ml.registry.resolve import ResolvedModel
from seg_ml.registry.versions import figures_of, version_info
from seg_ml.training import paths
from seg_ml.training.adapting.mail import OwnMail, gather, own_messages
from seg_ml.training.development import is_threat
from seg_ml.training.params import Params
from seg_ml.training.progress import StageProgress

_OWN = "own"


@dataclass(frozen=True)
class AdaptOptions:
    """`limit`: the most, in log-odds, by which any message may move; `retained`: prepared messages taken a side.

    `raw` is the folder of fetched and added corpora, `work` one for what is written on the way.
    """

    limit: float = 4.0
    retained: int = 1000
    raw: Path = paths.RAW
    work: Path = Path("var/adapted")


@dataclass(frozen=True)
class Adapted:
    """A correction and what it does.

    `after` (n,) are probabilities of the judged messages; `source` is the file of the own mail, prepared.
    """

    base: ResolvedModel
    manifest: Manifest
    corpora: tuple[str, ...]
    correction: Correction
    mail: OwnMail
    after: Floats
    threshold: float
    shifts: tuple[Shift, ...]
    options: AdaptOptions
    source: Path

    def worst(self) -> Shift:
        """What became worst of all recall, and of false positives on own mail: other wanted mail does not come here."""
        counted = [shift for shift in self.shifts if shift.unwanted or shift.sort.startswith(_OWN)]
        return max(counted, key=lambda shift: shift.worse)


def adapt(
    base: ResolvedModel, corpora: Sequence[str], params: Params, options: AdaptOptions, report: StageProgress
) -> Adapted:
    """Learn from own corpora what a finished model gets wrong there.

    A base that carries a correction already loses it: the new one is learned from all corpora that are named.

    Raises:
        CorpusError: a corpus is missing, there is too little mail, or no threats to learn beside.
        ArtifactMismatch: the base is damaged or was built for other code.
    """
    manifest = Manifest.read(base.path)
    source = options.work / f"{'+'.join(corpora)}.parquet"
    own = own_messages(corpora, params, options.raw, source)
    mail = gather(own, base.path, manifest, options.retained, params.seed, report)
    judged, threshold = mail.judged, _threshold(base, mail.judged, float(params["evaluation"]["rate"]))
    correction = _fit(mail.learned, options, params.seed)
    after = _after(judged, correction)
    whole = judged["disguise"] == ""
    sorts = {
        f"{_OWN}, campaigns held out": (judged["own"] & whole).to_numpy(),
        "retained": (~judged["own"] & whole).to_numpy(),
        "threats in own words": (~whole).to_numpy(),
    }
    found = shifts(sorts, judged, judged["before"].to_numpy(float), after, threshold)
    return Adapted(
        base, manifest, tuple(corpora), correction, mail, after, threshold,
        (*found, *_in_time(mail, options, params.seed, threshold)), options, source,
    )  # fmt: skip


def _fit(learned: pd.DataFrame, options: AdaptOptions, seed: int) -> Correction:
    examples = Examples(
        tokens=learned["tokens"].to_list(),
        target=is_threat(learned).astype(np.intp),
        odds=learned["odds"].to_numpy(float),
        own=learned["own"].to_numpy(bool),
        clusters=learned["cluster"].to_numpy(),
    )
    return fit_correction(examples, options.limit, seed)


def _after(mail: pd.DataFrame, correction: Correction) -> Floats:
    odds = mail["odds"].to_numpy(float) + correction.moved(mail["tokens"].to_list())
    return np.asarray(two_sided(odds)[:, 1])


def _in_time(mail: OwnMail, options: AdaptOptions, seed: int, threshold: float) -> list[Shift]:
    """The same, learned from earlier own mail and judged on the latest; nothing where dates are missing."""
    if mail.later is None:
        return []
    together, later = mail.together, mail.later
    campaigns = set(together.loc[later, "cluster"])
    beside = np.arange(len(together)) < len(mail.learned)
    earlier = together["own"].to_numpy(bool) & ~later & ~together["cluster"].isin(campaigns).to_numpy()
    learned = together[earlier | (beside & ~together["own"].to_numpy(bool))]
    if len(set(is_threat(learned))) < 2 or not earlier.any():
        return []
    judged = together[later]
    after = _after(judged, _fit(learned, options, seed))
    everything: NDArray[np.bool_] = np.ones(len(judged), np.bool_)
    return shifts({f"{_OWN}, the latest": everything}, judged, judged["before"].to_numpy(float), after, threshold)


def _threshold(base: ResolvedModel, judged: pd.DataFrame, rate: float) -> float:
    """The base's threshold at a false-positive rate: as evaluated, else on retained mail; even odds without either."""
    if base.version is not None:
        figures: dict[str, Any] = figures_of(version_info(str(base.version), base.name))
        if key_of(rate) in figures:
            return float(figures[key_of(rate)]["threshold"])
    rows = judged[~judged["own"] & (judged["disguise"] == "")]
    if rows.empty or is_threat(rows).all():
        return 0.5
    return threshold_at(is_threat(rows), rows["before"].to_numpy(float), rate)


def write_adapted(adapted: Adapted, target: Path) -> None:
    """Lay down the base's files and the correction in a new folder, with a manifest of their own.

    Raises:
        ConfigError: the folder exists.
    """
    if target.exists():
        raise ConfigError(f"{target} exists: choose another --output, or delete it if it is your old one")
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in adapted.manifest.files:
        if not name.startswith(f"{NAME}."):
            shutil.copyfile(adapted.base.path / name, part / name)
    adapted.correction.save(part)
    records = [read_record(corpus, adapted.options.raw) for corpus in adapted.corpora]
    shippable = adapted.manifest.shippable and all(record is not None and record.shippable for record in records)
    training = {**adapted.manifest.training, "adapted": _facts(adapted)}
    replace(adapted.manifest, correction=adapted.correction.limit, shippable=shippable, training=training).write(part)
    part.rename(target)


def _facts(adapted: Adapted) -> dict[str, Any]:
    """What the manifest freezes about the adaptation."""
    origin, learned = lineage(Path()), adapted.mail.learned
    own = learned[learned["own"]]
    records = {corpus: read_record(corpus, adapted.options.raw) for corpus in adapted.corpora}
    copies = int((learned["disguise"] != "").sum())
    return {
        "base": adapted.base.model_version,
        "base_manifest_sha256": file_sha256(adapted.base.path / "manifest.json"),
        "git_commit": f"{origin.git_commit}-dirty" if origin.git_dirty else origin.git_commit,
        "corpora": {name: record.sha256 for name, record in records.items() if record},
        "labels": {str(label): int(count) for label, count in own["label"].value_counts().sort_index().items()},
        "messages": {"own": len(own), "retained": len(learned) - len(own) - copies, "in own words": copies},
        "limit": adapted.options.limit,
    }
