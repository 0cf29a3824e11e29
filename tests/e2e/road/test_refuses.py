"""The service does not start on an artifact that differs from its manifest."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy_road import BIN, Road


def serve(artifact: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SERVING_ARTIFACT": str(artifact), "BENTOML_DO_NOT_TRACK": "True"}
    command = [sys.executable, "-c", "import serving.service"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_a_tampered_artifact(road: Road, tmp_path: Path) -> None:
    artifact = shutil.copytree(road.project / "data" / "artifact", tmp_path / "artifact")
    assert serve(artifact).returncode == 0
    with (artifact / "words.json").open("a") as file:
        file.write(" ")
    refused = serve(artifact)
    assert refused.returncode != 0
    assert "words.json differs from the manifest" in refused.stderr


def test_bentoml_ends_where_the_artifact_is_damaged(road: Road) -> None:
    """Damaged last, since the road's own service is running from it already."""
    tag = subprocess.run(
        [str(BIN / "bentoml"), "models", "list", "-o", "json"],
        env={**os.environ, **road.environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "seg-mail" in tag
    model = next(Path(road.environment["BENTOML_HOME"]).glob("models/seg-mail/*/artifact/words.json"))
    original = model.read_bytes()
    try:
        model.write_bytes(original + b" ")
        done = subprocess.run(
            [str(BIN / "bentoml"), "serve", road.bento, "--host", "127.0.0.1", "--port", "0"],
            env={**os.environ, **road.environment}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    finally:
        model.write_bytes(original)
    assert done.returncode != 0
    assert "differs from the manifest" in done.stderr + done.stdout
