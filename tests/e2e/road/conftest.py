"""The real processes: a Bento of the tiny model served by BentoML, the gateway in front of a sink."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[3] / "deploy"), str(Path(__file__).resolve().parent)]

import stack as deploy  # noqa: E402 - found by the line above
from deploy_road import Road  # noqa: E402


@pytest.fixture(scope="module")
def road(trained_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    folder = tmp_path_factory.mktemp("road")
    registry = f"sqlite:///{trained_project / 'var' / 'mlflow' / 'mlflow.db'}"
    environment = {"BENTOML_HOME": str(folder / "bentoml"), "MLFLOW_TRACKING_URI": registry, "SERVING_WORKERS": "1"}
    bento = build(environment, folder)
    smtp, sink, service, http = deploy.free_ports(4)
    config = folder / "gateway.yaml"
    deploy.write_config(config, smtp, sink, service, http, folder / "gateway")
    with deploy.Stack(folder / "log") as stack:
        serve = [str(deploy.BIN / "bentoml"), "serve", bento["bento"], "--host", "127.0.0.1", "--port", str(service)]
        stack.start("service", serve, lambda: deploy.answers(f"http://127.0.0.1:{service}/readyz"), environment)
        deploy.start_sink(stack, sink, folder / "delivered")
        deploy.start_gateway(stack, config, http)
        url = f"http://127.0.0.1:{service}"
        yield Road(
            trained_project,
            url,
            smtp,
            config,
            folder / "delivered",
            bento["model_version"],
            bento["bento"],
            environment,
        )


def build(environment: dict[str, str], folder: Path) -> dict[str, str]:
    command = [sys.executable, "-m", "serving.build", "--model", "models:/seg-mail@challenger"]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **deploy.QUIET, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
