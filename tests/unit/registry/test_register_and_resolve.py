import hashlib
import pickle
import subprocess

import mlflow
import pandas as pd
import pytest
from matplotlib.figure import Figure
from mlflow.models import Model

from seg_ml.domain.errors import ConfigError
from seg_ml.domain.wire import request_from_json
from seg_ml.registry.flavor import EXAMPLE
from seg_ml.registry.lineage import Lineage, lineage
from seg_ml.registry.register import alias_version, register, set_alias
from seg_ml.registry.resolve import resolve
from seg_ml.registry.runs import start_run
from seg_ml.registry.settings import RegistrySettings, registry_settings
from seg_ml.registry.versions import card_of, version_info, versions


def _files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_was_registered_comes_back_byte_for_byte(add_version, artifact, figures, tmp_path, origin):
    version = add_version(figures)
    model = resolve("models:/seg-mail@challenger")
    assert (model.name, model.version, model.model_version) == ("seg-mail", version, f"seg-mail/{version}")
    assert _files(model.path) == _files(artifact)
    assert model.path.is_relative_to(tmp_path / "var" / "models")
    assert model.tags["git_commit"] == origin.git_commit and model.run_id


def test_alias_is_resolved_once_and_files_are_fetched_once(add_version, figures, artifact):
    first = add_version(figures)
    held = resolve("models:/seg-mail@challenger")
    (held.path / "mark").touch()
    (artifact / "manifest.json").write_text('{"labels": ["ham", "phishing"]}')
    second = add_version(figures)
    assert (held.version, resolve("models:/seg-mail@challenger").version) == (first, second)
    assert resolve(f"models:/seg-mail/{first}").path == held.path and (held.path / "mark").exists()
    assert "phishing" in (resolve("models:/seg-mail@challenger").path / "manifest.json").read_text()


def test_model_has_signature_and_example_and_no_code_to_run(add_version, figures):
    version = add_version(figures)
    folder = mlflow.artifacts.download_artifacts(f"models:/seg-mail/{version}")
    model = Model.load(folder)
    assert list(model.flavors) == ["seg_ml"]
    assert model.signature.inputs.input_names() == ["raw", "envelope", "authentication"]
    assert request_from_json(model.load_input_example(folder)) == EXAMPLE


def test_directory_is_a_model_too(artifact):
    model = resolve(artifact)
    assert (model.path, model.version, model.model_version) == (artifact, None, "model")


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("models:/seg-mail@champion", "seg-ml promote"),
        ("models:/seg-mail@challenger", "dvc repro"),
        ("models:/seg-mail/7", "seg-ml models list"),
        ("models:/seg-mail/latest", "names no model"),
        ("models:/seg-mail", "names no model"),
        ("nowhere", "no manifest.json"),
    ],
)
def test_what_does_not_exist_says_what_to_do(settings, reference, says):
    with pytest.raises(ConfigError, match=says):
        resolve(reference, settings=settings)


def test_unknown_alias_of_a_known_model(add_version, figures):
    add_version(figures)
    assert alias_version("champion") is None
    with pytest.raises(ConfigError, match="seg-ml promote"):
        resolve("models:/seg-mail@champion")
    with pytest.raises(ConfigError, match="no version 9"):
        set_alias("champion", 9)


@pytest.mark.parametrize("name", ["weights.bin", "model.pkl"])
def test_pickles_are_refused_by_content(settings, artifact, name, origin):
    (artifact / name).write_bytes(pickle.dumps({"a": 1}))
    with start_run("test", origin, settings) as run, pytest.raises(ConfigError, match=name):
        register(artifact, run, origin)


def test_directory_without_manifest_is_refused(settings, tmp_path, origin):
    (tmp_path / "empty").mkdir()
    with start_run("test", origin, settings) as run, pytest.raises(ConfigError, match=r"manifest\.json"):
        register(tmp_path / "empty", run, origin)


def test_run_holds_params_figures_pictures_and_data(settings, artifact, figures, origin):
    messages = pd.DataFrame({"sha256": ["a" * 64], "label": ["ham"], "size": [3]})
    with start_run("test", origin, settings) as run:
        run.params({"transformer": {"epochs": 2, "layers": [5, 6]}})
        run.figures(figures)
        run.plots({"roc": Figure()})
        run.dataset(messages, "prepared", "data/prepared/messages.parquet", "test")
        version = register(artifact, run, origin)
    info = version_info(str(version))
    assert info.params == {"transformer.epochs": "2", "transformer.layers": "[5, 6]"}
    assert info.metrics["recall_at_0_5_percent.figure"] == 0.98 and info.metrics["latency_ms.p95"] == 40
    assert not any(name.startswith("slices") for name in info.metrics)
    assert info.tags["data_sha256"] == origin.data_sha256
    logged = mlflow.get_run(run.run_id)
    assert logged.data.tags["dvc_lock_sha256"] == origin.dvc_lock_sha256
    assert [item.dataset.name for item in logged.inputs.dataset_inputs] == ["prepared"]
    names = {item.path for item in mlflow.MlflowClient().list_artifacts(run.run_id)}
    assert names == {"evaluation.json", "plots"}
    assert [(v.version, v.aliases) for v in versions()] == [(version, ())]
    assert card_of(info) == "# A model\n"


def test_mail_stays_out_of_the_tracking_server(settings, origin):
    with start_run("test", origin, settings) as run, pytest.raises(ConfigError, match="'raw'"):
        run.dataset(pd.DataFrame({"raw": [b"Subject: x"], "sha256": ["a"]}), "prepared", "here", "train")


def test_failed_run_is_marked_failed(settings, origin):
    with pytest.raises(ZeroDivisionError), start_run("test", origin, settings) as run:
        _ = 1 / 0
    assert mlflow.get_run(run.run_id).info.status == "FAILED"


def test_nothing_registered_is_an_empty_list(settings):
    assert versions() == []


def test_server_that_does_not_answer_is_named(monkeypatch, settings):
    away = RegistrySettings("http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for ask in (
        versions,
        lambda **known: resolve("models:/seg-mail/1", **known),
        lambda **known: set_alias("a", 1, **known),
    ):
        with pytest.raises(ConfigError, match=r"registry http://127\.0\.0\.1:9: .*MLFLOW_TRACKING_URI"):
            ask(settings=away)


def test_default_place_is_a_file_in_the_working_tree(monkeypatch, tmp_path):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert registry_settings(tmp_path) == RegistrySettings(
        f"sqlite:///{tmp_path}/var/mlflow/mlflow.db", (tmp_path / "var/mlflow/artifacts").as_uri()
    )
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")
    assert registry_settings(tmp_path) == RegistrySettings("https://mlflow.example.org", None)


def test_lineage_of_a_checkout_and_of_none(tmp_path):
    (tmp_path / "data").write_bytes(b"mail")
    (tmp_path / "code").write_text("a")
    assert lineage(tmp_path) == Lineage()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "dvc.lock").write_text("stages: {}\n")
    author = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    subprocess.run(["git", "-C", str(tmp_path), *author, "commit", "-qm", "x"], check=True)
    clean = lineage(tmp_path, tmp_path / "data")
    assert len(clean.git_commit) == 40 and not clean.git_dirty
    assert clean.data_sha256 == hashlib.sha256(b"mail").hexdigest() and clean.dvc_lock_sha256 != "unknown"
    # What a pipeline writes while it runs makes no other code of it.
    (tmp_path / "dvc.lock").write_text("stages: {a: {}}\n")
    assert not lineage(tmp_path).git_dirty
    (tmp_path / "code").write_text("b")
    assert lineage(tmp_path).git_dirty
