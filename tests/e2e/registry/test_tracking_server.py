"""The tracking server as `mlflow/mlflow.env.example` sets it up, on loopback with SQLite in place of PostgreSQL."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from seg_ml.registry.lineage import Lineage
from seg_ml.registry.register import register, set_alias
from seg_ml.registry.resolve import resolve
from seg_ml.registry.runs import start_run
from seg_ml.registry.settings import RegistrySettings
from seg_ml.registry.versions import figures_of, version_info

DEPLOYMENT = Path(__file__).parents[3] / "mlflow"
SECONDS = 240


def _settings_of(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(uri, server, log):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{uri}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"no tracking server at {uri}: {log.read_text()[-2000:]}")


@pytest.fixture
def server(tmp_path):
    port = _free_port()
    uri = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        **_settings_of(DEPLOYMENT / "mlflow.env.example"),
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{tmp_path / 'mlflow.db'}",
        "MLFLOW_ARTIFACTS_DESTINATION": str(tmp_path / "store"),
        "MLFLOW_PORT": str(port),
        "MLFLOW_WORKERS": "1",
        "MLFLOW_SERVER_ALLOWED_HOSTS": f"127.0.0.1:{port}",
    }
    environment.pop("MLFLOW_TRACKING_URI", None)
    log = tmp_path / "server.log"
    command = [str(Path(sys.executable).with_name("mlflow")), "server"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_for(uri, process, log)
            yield uri
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=20)


def test_version_goes_over_http_and_comes_back(server, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    artifact = tmp_path / "artifact"
    artifact.mkdir()
    (artifact / "manifest.json").write_text('{"labels": ["ham"]}')
    (artifact / "model.onnx").write_bytes(bytes(range(256)) * 1000)
    origin = Lineage(git_commit="c" * 40)
    with start_run("over http", origin) as run:
        run.params({"seed": 7})
        run.figures({"ece": {"figure": 0.01}, "slices": {}})
        version = register(artifact, run, origin)
    set_alias("champion", version)

    model = resolve("models:/seg-mail@champion", cache=tmp_path / "cache", settings=RegistrySettings(server))
    assert (model.version, model.tags["git_commit"]) == (1, "c" * 40)
    assert {p.name: p.read_bytes() for p in model.path.iterdir()} == {
        p.name: p.read_bytes() for p in artifact.iterdir()
    }
    assert figures_of(version_info("champion")) == {"ece": {"figure": 0.01}, "slices": {}}
    # The files went through the server: the client has no path to its store.
    assert list((tmp_path / "store").rglob("model.onnx"))


def test_deployments_tell_nobody_and_listen_on_loopback():
    example = _settings_of(DEPLOYMENT / "mlflow.env.example")
    compose = yaml.safe_load((DEPLOYMENT / "compose.yaml").read_text())["services"]["server"]
    for settings in (example, compose["environment"]):
        assert settings["MLFLOW_DISABLE_TELEMETRY"] == "true"
        assert settings["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
        assert settings["MLFLOW_BACKEND_STORE_URI"].startswith("postgresql+psycopg://")
    assert example["MLFLOW_HOST"] == "127.0.0.1"
    assert all(port.startswith("127.0.0.1:") for port in compose["ports"])


def test_client_and_server_are_one_version():
    pinned = next(
        line.strip().strip('",')
        for line in (DEPLOYMENT.parent / "pyproject.toml").read_text().splitlines()
        if line.strip().startswith('"mlflow==')
    )
    assert f" {pinned} " in (DEPLOYMENT / "Dockerfile").read_text()
    assert not list(DEPLOYMENT.rglob("*.py")), "Python here would shadow the library"
