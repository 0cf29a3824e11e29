"""The pipeline: the same numbers again, and a wrong word answered in words."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from seg_ml.registry.learned import learned_of
from seg_ml.registry.register import set_alias
from seg_ml.registry.settings import registry_settings
from seg_ml.registry.versions import figures_of, version_info
from seg_ml.testing.project import REPOSITORY, run_stages
from seg_ml.training.stage import STAGES


def test_a_second_run_gives_the_same_numbers(trained_project: Path, tmp_path: Path) -> None:
    again = shutil.copytree(trained_project, tmp_path / "again")
    for folder in ("models", "artifact", "hidden", "evaluation"):
        shutil.rmtree(again / "data" / folder)
    run_stages(again, "linear", "encode", "transformer", "fusion", "evaluate")
    first, second = (pd.read_parquet(p / "data/evaluation/scores.parquet") for p in (trained_project, again))
    columns = [name for name in first.columns if name != "milliseconds"]
    pd.testing.assert_frame_equal(first[columns], second[columns], atol=1e-7)
    manifests = [(p / "data/artifact/manifest.json").read_text() for p in (trained_project, again)]
    assert manifests[0] == manifests[1]


def test_every_stage_of_dvc_runs_a_known_one_on_paths_that_exist() -> None:
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    assert list(stages) == list(STAGES)
    outs = {
        str(out if isinstance(out, str) else next(iter(out)))
        for stage in stages.values()
        for out in stage.get("outs", [])
    }
    params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    for name, stage in stages.items():
        assert stage["cmd"] == f"python -m seg_ml.training.stage {name}"
        for dep in stage["deps"]:
            made = any(dep == out or dep.startswith(f"{out}/") for out in outs) or dep == "data/evaluation/metrics.json"
            assert made or (REPOSITORY / dep).exists(), f"{name}: {dep}"
        assert all(key.partition(".")[0] in params for key in stage.get("params", [])), name


def test_what_was_registered(trained_project: Path) -> None:
    registered = json.loads((trained_project / "data/evaluation/registered.json").read_text())
    assert registered["model"] == "seg-mail"
    assert registered["version"] >= 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [(["nope"], 2, "usage"), ([], 2, "usage"), (["split"], 1, "params.yaml")],
)
def test_a_wrong_word(tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    command = [sys.executable, "-m", "seg_ml.training.stage", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_hash_of_the_backbone_is_refused(trained_project: Path, tmp_path: Path) -> None:
    shutil.copytree(trained_project, tmp_path / "p", ignore=shutil.ignore_patterns("var", "hidden", "artifact"))
    params = yaml.safe_load((tmp_path / "p" / "params.yaml").read_text())
    params["transformer"]["sha256"] = "0" * 64
    (tmp_path / "p" / "params.yaml").write_text(yaml.safe_dump(params))
    with pytest.raises(AssertionError, match="has sha256"):
        run_stages(tmp_path / "p", "encode")


def test_a_champion_measured_on_other_mail_is_measured_on_this(
    trained_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    project = shutil.copytree(trained_project, tmp_path / "p", ignore=shutil.ignore_patterns("var"))
    table = project / "data/evaluation/scores.parquet"
    scores = pd.read_parquet(table)
    some = sorted(scores.loc[scores["split"] == "test", "sha256"].unique())[10:]
    scores[(scores["split"] != "test") | scores["sha256"].isin(some)].to_parquet(table)
    run_stages(project, "register")
    settings = registry_settings(project)
    reigning = version_info("challenger", settings=settings).version
    set_alias("champion", reigning, settings=settings)
    scores.to_parquet(table)
    run_stages(project, "register")
    proposed = version_info("challenger", settings=settings)
    figures = figures_of(proposed, settings)
    splits = pd.read_parquet(project / "data/prepared/splits.parquet")
    learned = learned_of(proposed, settings)
    assert learned is not None
    assert set(splits.loc[learned.knows(splits), "split"]) == {"train", "validation"}
    assert "left_out" not in figures["champion"] and "unrecorded" not in figures["champion"]
    assert figures["champion"]["version"] == reigning
    assert figures["champion"]["test_data"]["sha256"] == figures["test_data"]["sha256"]
    kept = ("ham", "unwanted", "recall", "false_positive_rate")  # the same artifact: the same figures
    corpora, champions = figures["slices"]["corpus"], figures["champion"]["slices"]["corpus"]
    assert [[corpora[name][key] for key in kept] for name in corpora] == [
        [champions[name][key] for key in kept] for name in corpora
    ]
