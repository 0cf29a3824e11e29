import copy
import sqlite3

import pytest

from seg_ml.registry.lineage import Lineage
from seg_ml.registry.register import register, set_alias
from seg_ml.registry.runs import start_run
from seg_ml.registry.settings import RegistrySettings, connect

LINEAGE = Lineage("c" * 40, False, "d" * 64, "e" * 64)
FIGURES = {
    "recall_at_0_5_percent": {"figure": 0.98, "low": 0.96, "high": 0.99, "threshold": 0.7},
    "ece": {"figure": 0.01, "low": 0.0, "high": 0.02},
    "latency_ms": {"p50": 20.0, "p95": 40.0},
    "probe": {"decision": {"auc": 0.7, "reason": ""}},
    "test_data": {"messages": 900, "sha256": "f" * 64},
    "slices": {
        "corpus": {
            "one": {"n": 500, "ham": 300, "unwanted": 200, "recall": 0.98, "false_positive_rate": 0.003},
            "two": {"n": 400, "ham": 300, "unwanted": 100, "recall": 0.97, "false_positive_rate": 0.007},
        },
        "language": {"de": {"n": 20, "ham": 15, "unwanted": 5, "recall": 0.8, "false_positive_rate": 0.0}},
    },
}


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A database with MLflow's tables: making them takes seconds, copying them takes none."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    connect(RegistrySettings(f"sqlite:///{path}")).search_experiments()
    return path


@pytest.fixture
def settings(empty_database, tmp_path, monkeypatch):
    with sqlite3.connect(empty_database) as source, sqlite3.connect(tmp_path / "mlflow.db") as target:
        source.backup(target)
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.chdir(tmp_path)
    return RegistrySettings(uri, (tmp_path / "artifacts").as_uri())


@pytest.fixture
def artifact(tmp_path):
    folder = tmp_path / "model"
    (folder / "transformer").mkdir(parents=True)
    (folder / "manifest.json").write_text('{"labels": ["ham", "spam"]}')
    (folder / "model_card.md").write_text("# A model\n")
    (folder / "transformer" / "model.onnx").write_bytes(b"\x08\x07")
    return folder


@pytest.fixture
def origin():
    return LINEAGE


@pytest.fixture
def figures():
    return copy.deepcopy(FIGURES)


@pytest.fixture
def add_version(settings, artifact):
    """Register a version with the figures given; it becomes the challenger."""

    def add(figures):
        with start_run("test", LINEAGE, settings) as run:
            run.figures(figures)
            version = register(artifact, run, LINEAGE)
        set_alias("challenger", version)
        return version

    return add
