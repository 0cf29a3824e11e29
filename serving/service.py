"""The model service: raw message, envelope and authentication results in, verdicts out.

    POST /score {"requests": [...]}   /healthz /readyz /metrics /docs.json

On CPUs a worker a core scores one message after the other: batching gains nothing there, and int8 scores
would depend on batch mates. On a GPU one worker takes adaptive batches. Requests wait rather than being
refused, for up to `SERVING_TIMEOUT` seconds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

import bentoml
from bentoml.exceptions import InvalidArgument

from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import MailModel
from seg_ml.domain.errors import SchemaMismatch
from seg_ml.domain.wire import request_from_json, verdict_to_json
from serving.schema import RequestIn, VerdictOut
from serving.settings import FROZEN, ServingSettings, artifact_location, frozen_packages

SETTINGS = ServingSettings.from_environment()
LOCATION, MODEL_VERSION = artifact_location()
MODEL = bentoml.models.BentoModel(LOCATION) if FROZEN.is_file() and "SERVING_ARTIFACT" not in os.environ else None
FOLDER = Path(MODEL.resolve().path) / "artifact" if MODEL is not None else Path(LOCATION)

# Checked here, in the parent process, so that a damaged artifact stops the service instead of respawning workers.
Manifest.read(FOLDER)

# A Bento's versions come from the project's lock; locking them anew would need a package index at build time.
IMAGE = bentoml.images.Image(python_version="3.11", lock_python_packages=False)
if packages := frozen_packages():
    IMAGE = IMAGE.python_packages(*packages)


@bentoml.service(
    name="seg-mail",
    workers=SETTINGS.workers,
    traffic={"timeout": SETTINGS.timeout},
    logging={"access": {"enabled": False}},
    image=IMAGE,
    envs=[{"name": "BENTOML_DO_NOT_TRACK", "value": "True"}],
)
class MailService:
    """Scores mail with one frozen model version."""

    if MODEL is not None:
        bento_model = MODEL

    def __init__(self) -> None:
        # Imported here: BentoML says where its worker processes count after this module was read.
        from prometheus_client import Counter

        read = Counter("seg_messages", "Messages scored, by who read them.", ["reader"])
        self.early, self.transformer = read.labels("early"), read.labels("transformer")
        self.model = MailModel.load(FOLDER, MODEL_VERSION, self._count)

    def _count(self, settled: bool) -> None:
        (self.early if settled else self.transformer).inc()

    @bentoml.api(
        route="/score",
        batchable=SETTINGS.device == "cuda",
        max_batch_size=SETTINGS.batch,
        max_latency_ms=SETTINGS.timeout * 1000,
    )
    def score(self, requests: list[RequestIn]) -> list[VerdictOut]:
        """Verdicts for messages, in order; a message's verdict does not depend on its neighbours."""
        try:
            parsed = [request_from_json(item.model_dump()) for item in requests]
        except SchemaMismatch as error:
            raise InvalidArgument(str(error)) from error
        return [VerdictOut(**verdict_to_json(verdict)) for verdict in self.model.score(parsed)]

    @bentoml.api(route="/model")
    def describe(self) -> dict[str, Any]:
        """Which model answers: version, labels, signatures, lineage."""
        manifest = self.model.manifest
        return {
            "model_version": self.model.model_version,
            "labels": list(manifest.labels),
            "absent_labels": list(manifest.absent_labels),
            "precision": manifest.precision,
            "signatures": dict(manifest.signatures),
            "git_commit": manifest.training.get("git_commit"),
            "data_sha256": manifest.training.get("data_sha256"),
        }
