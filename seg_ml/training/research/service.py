"""A verdict as JSON: from a running model service, or from the same model in this process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bentoml
import httpx

from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ScoringUnavailable
from seg_ml.domain.wire import request_to_json, verdict_to_json


def service_url() -> str | None:
    """The service that `SEG_SERVICE_URL` names, `None` where it names none."""
    return os.environ.get("SEG_SERVICE_URL") or None


def verdicts_as_json(
    requests: Sequence[ScoreRequest], model: MailModel, url: str | None = None
) -> list[dict[str, Any]]:
    """Verdicts over HTTP if there is a `url`, else by `model`.

    Raises:
        ScoringUnavailable: the service does not answer, or refuses.
    """
    if url is None:
        return [verdict_to_json(verdict) for verdict in model.score(requests)]
    body = {"requests": [request_to_json(request) for request in requests]}
    try:
        answer = httpx.post(f"{url.rstrip('/')}/score", json=body, timeout=60.0).raise_for_status()
    except httpx.HTTPError as error:
        raise ScoringUnavailable(f"{url}: {error}; start it with `make up`") from error
    return list(answer.json())


def built_bentos(project: Path) -> list[dict[str, str]]:
    """Tag and model version of every Bento in the project's store, the newest first; none where nothing was built."""
    store = Path(os.environ.get("BENTOML_HOME") or project / "var" / "bentoml")
    if not (store / "bentos").is_dir():
        return []
    folders = sorted((store / "bentos").glob("*/*/bento.yaml"), key=lambda path: -path.stat().st_mtime)
    found = [bentoml.Bento.from_path(str(path.parent)) for path in folders]
    return [{"bento": str(bento.tag), "model version": bento.info.labels.get("model_version", "")} for bento in found]
