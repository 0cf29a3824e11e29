"""`inspect(id, fixture)` runs one signature over one fixture mail and its sidecar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seg_ml.domain.verdict import Finding
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.signatures.sidecar import read_request, read_settings

FIXTURES = Path(__file__).parents[2] / "fixtures" / "signatures"

Inspect = Callable[[str, str], tuple[Finding, ...]]


@pytest.fixture
def inspect() -> Inspect:
    def run(signature_id: str, fixture: str) -> tuple[Finding, ...]:
        path = FIXTURES / signature_id / f"{fixture}.eml"
        request = read_request(path)
        engine = SignatureEngine.from_ids([signature_id], read_settings(path))
        return engine.inspect(request, parse(request.raw))

    return run
