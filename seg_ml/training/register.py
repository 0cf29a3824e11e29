"""Stage `register`: the artifact, its figures and where it comes from go to MLflow as a new version, `challenger`."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from seg_ml.artifact.manifest import Manifest
from seg_ml.domain.errors import ArtifactMismatch
from seg_ml.evaluation.card import model_card
from seg_ml.evaluation.champion import known_entirely
from seg_ml.evaluation.report import Report, evaluate
from seg_ml.evaluation.scores import of_model, read_scores
from seg_ml.registry.learned import Learned, learned_of, log_learned
from seg_ml.registry.lineage import Lineage, lineage
from seg_ml.registry.register import alias_version, register, set_alias
from seg_ml.registry.resolve import resolve
from seg_ml.registry.runs import start_run
from seg_ml.registry.settings import CHALLENGER, CHAMPION
from seg_ml.registry.versions import figures_of, version_info
from seg_ml.training import paths
from seg_ml.training.development import messages_with_split
from seg_ml.training.evaluate import champion_scores
from seg_ml.training.params import Params
from seg_ml.training.progress import console

_PUBLIC = ["sha256", "corpus", "kind", "label"]


def register_model(params: Params) -> None:
    """Register `data/artifact` and point `challenger` at it; `registered.json` says as what."""
    name = params["register"]["model"]
    origin = lineage(Path(), paths.MESSAGES)
    frame = messages_with_split()
    report = _report(read_scores(paths.EVALUATION / "scores.parquet"), frame, params["evaluation"], name)
    datasets = {split: frame[frame["split"] == split] for split in ("train", "validation", "test")}
    learned = Learned.of(frame[frame["split"] != "test"])
    version, run_id = register_version(paths.ARTIFACT, report, params, datasets, paths.MESSAGES, origin, learned)
    registered = {"model": name, "version": version, "run_id": run_id, "git_commit": origin.git_commit}
    (paths.EVALUATION / "registered.json").write_text(json.dumps(registered, indent=1) + "\n", encoding="utf-8")


def register_version(
    artifact: Path,
    report: Report,
    params: Params,
    datasets: Mapping[str, pd.DataFrame],
    source: Path,
    origin: Lineage,
    learned: Learned | None,
    run_name: str = "fused",
    tags: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Register an artifact with its figures and card as the new challenger; version and id of the run.

    `datasets` are the messages that went in by what for (`train`, `test`), read from `source`; `learned` is all that
    the version knows, by itself or through the version it was made of, `None` where nobody can say. `tags` go on the
    run, the version and the card.
    """
    name = params["register"]["model"]
    with tempfile.TemporaryDirectory(prefix="artifact-") as folder, start_run(run_name, origin, tags=tags) as run:
        # A copy: what stands beside an artifact in the registry must not change the original.
        copy = Path(folder) / "artifact"
        shutil.copytree(artifact, copy)
        card = copy / "card.md"
        facts = {**origin.tags(), **(tags or {})}
        card.write_text(model_card(Manifest.read(copy), report.figures, report.markdown, facts), encoding="utf-8")
        run.params(params.data)
        run.figures(report.figures)
        run.plots(report.plots)
        for context, messages in datasets.items():
            run.dataset(messages[_PUBLIC], context, str(source), context)
        run.file(card)
        record = log_learned(run, learned) if learned else {}
        version = register(copy, run, origin, name, {**(tags or {}), **record})
    set_alias(CHALLENGER, version, name)
    console.print(f"  registered {name}/{version}, alias challenger, run {run.run_id}", highlight=False)
    return version, run.run_id


def known_to(mail: pd.DataFrame, version: int, name: str) -> frozenset[str] | None:
    """Hashes of the messages that a registered version learned from, or from their campaigns; `None` if unrecorded.

    `mail` (`sha256`, `cluster`) is all the mail there is, see `Learned.knows`.
    """
    learned = learned_of(version_info(str(version), name))
    if learned is None:
        console.print(
            f"  {name}/{version} has no record of what it learned from: it may know this mail", highlight=False
        )
        return None
    return frozenset(mail.loc[learned.knows(mail), "sha256"])


def _report(scores: pd.DataFrame, frame: pd.DataFrame, section: dict[str, Any], name: str) -> Report:
    """The evaluation; with the champion's figures on the same messages, where its own are of others.

    Of messages that the champion learned from, or from their campaigns, it is not asked.
    """
    report = evaluate(scores, section)
    reigning = alias_version(CHAMPION, name)
    if reigning is None:
        return report
    measured = figures_of(version_info(str(reigning), name)).get("test_data", {})
    if measured.get("sha256") == report.figures["test_data"]["sha256"]:
        return report
    console.print(f"  the champion, {name}/{reigning}, was measured on other messages: now on these", highlight=False)
    known = known_to(frame, reigning, name)
    test = frame[frame["split"] == "test"]
    asked = test[~test["sha256"].isin(known or ())]
    if len(asked) < len(test):
        console.print(f"  but for {len(test) - len(asked):,} of {len(test):,}, which it knows", highlight=False)
    try:
        champion = champion_scores(resolve(f"models:/{name}/{reigning}").path, asked) if len(asked) else None
    except ArtifactMismatch as error:
        # Whoever reigned before an upgrade of this code must not stand in the way of what is trained after it.
        console.print(f"  it cannot be read here, and is no yardstick: {error}", highlight=False)
        report.figures[CHAMPION] = {"version": reigning, "unreadable": str(error)}
        return report
    return with_champion(scores, champion, section, reigning, recorded=known is not None)


def with_champion(
    scores: pd.DataFrame, champion: pd.DataFrame | None, section: dict[str, Any], version: int, recorded: bool
) -> Report:
    """The evaluation beside the scores that the champion gave of what it does not know, `None` where it knows all."""
    both = scores if champion is None else pd.concat([scores, champion], ignore_index=True)
    report = evaluate(both, section)
    found = report.figures.setdefault(CHAMPION, known_entirely(of_model(scores, section["model"])))
    found |= {"version": version} | ({} if recorded else {"unrecorded": True})
    return report
