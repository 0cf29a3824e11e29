"""An adapted model in the registry: evaluated on what it never saw, beside the champion, as the new challenger."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.evaluation.champion import CHAMPION
from seg_ml.evaluation.genres import genres
from seg_ml.evaluation.report import Report, evaluate
from seg_ml.evaluation.shifts import shifts_figures, shifts_markdown
from seg_ml.registry.learned import Learned, learned_of
from seg_ml.registry.lineage import lineage
from seg_ml.registry.register import alias_version
from seg_ml.registry.resolve import resolve
from seg_ml.registry.versions import version_info
from seg_ml.training import paths
from seg_ml.training.adapting.adapt import Adapted
from seg_ml.training.adapting.scoring import scored
from seg_ml.training.params import Params
from seg_ml.training.progress import StageProgress
from seg_ml.training.register import known_to, register_version, with_champion

_ABOUT = ["sha256", "corpus", "kind", "label", "cluster", "language", "year", "size", "html", "milliseconds"]


def register_adapted(adapted: Adapted, artifact: Path, params: Params, report: StageProgress) -> int:
    """Register a folder that `write_adapted` wrote as the challenger; its version."""
    found = _evaluated(adapted, params, report)
    whole = adapted.mail.judged["disguise"] == ""
    datasets = {"train": adapted.mail.learned, "test": adapted.mail.judged[whole]}
    tags = {"adapted_from": adapted.base.model_version, "own_corpora": " ".join(adapted.corpora)}
    origin = lineage(Path(), adapted.source)
    learned = _learned(adapted)
    version, _ = register_version(artifact, found, params, datasets, adapted.source, origin, learned, "adapted", tags)
    return version


def _evaluated(adapted: Adapted, params: Params, report: StageProgress) -> Report:
    """Figures of the adapted model on all that it is judged on but copies; with the champion's on the same."""
    rows = (adapted.mail.judged["disguise"] == "").to_numpy()
    judged = adapted.mail.judged[rows]
    models: dict[str, NDArray[np.float64]] = {
        "fused": adapted.after[rows],
        "baseline": judged["baseline"].to_numpy(float),
        "transformer": judged["transformer"].to_numpy(float),
    }
    about = judged[_ABOUT].assign(split="test", genre=genres(judged))
    parts = [about.assign(model=name, threat=np.clip(threat, 0.0, 1.0)) for name, threat in models.items()]
    scores = pd.concat(parts, ignore_index=True)
    reigning = alias_version(CHAMPION, params["register"]["model"])
    if reigning is None:
        found = evaluate(scores, params["evaluation"])
    else:
        known = known_to(_all_mail(adapted), reigning, params["register"]["model"])
        asked = ~judged["sha256"].isin(known or ()).to_numpy()
        champion = None
        if asked.any():
            threat = _champions(adapted, judged[asked], reigning, params, report)
            champion = about[asked].assign(model=CHAMPION, threat=np.clip(threat, 0.0, 1.0))
        found = with_champion(scores, champion, params["evaluation"], reigning, recorded=known is not None)
    found.figures["adapted"] = {"threshold": adapted.threshold, **shifts_figures(adapted.shifts)}
    table = shifts_markdown(adapted.shifts, adapted.threshold)
    markdown = f"{found.markdown}\nAdapted from {adapted.base.model_version} to {', '.join(adapted.corpora)}. {table}"
    return Report(found.figures, markdown, found.plots, found.tables)


def _all_mail(adapted: Adapted) -> pd.DataFrame:
    """Hashes and campaigns of the own mail and of the prepared messages."""
    files = [path for path in (paths.SPLITS, adapted.source) if path.is_file()]
    return pd.concat([pd.read_parquet(path, columns=["sha256", "cluster"]) for path in files], ignore_index=True)


def _learned(adapted: Adapted) -> Learned | None:
    """What an adapted version knows: what its base does, and what the correction was learned from."""
    base = adapted.base
    known = learned_of(version_info(str(base.version), base.name)) if base.version is not None else None
    return known | Learned.of(adapted.mail.learned) if known else None


def _champions(
    adapted: Adapted, judged: pd.DataFrame, reigning: int, params: Params, report: StageProgress
) -> NDArray[np.float64]:
    """What the champion says of the judged messages: asked again only where it is another than the base."""
    if adapted.base.version == reigning:
        return judged["before"].to_numpy(float)
    champion = resolve(f"models:/{params['register']['model']}/{reigning}")
    prepared = judged.drop(columns=["before", "odds", "baseline", "transformer", "tokens", "html", "milliseconds"])
    return scored(prepared, champion.path, report, "messages scored by the champion")["before"].to_numpy(float)
