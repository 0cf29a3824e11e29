"""The engine: order, failures, caps and what it makes of evidence."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import CATALOGUE, Detector, signature
from seg_ml.signatures.defaults import DEFAULT_IDS
from seg_ml.signatures.engine import ERROR_ID, MAX_EVIDENCE, MAX_FINDINGS, SignatureEngine, printable

EMPTY = Message(raw=b"")


class Talkative(Detector):
    """Says the same thing over and over."""

    id, version, severity, surface = "talkative", 1, Severity.LOW, Surface.BODY
    attack, attack_type, tactic, description = "T1566", "Spam", "Noise", "Noise."

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        while True:
            yield self.finding("again")


class Broken(Talkative):
    """Sees one thing and fails."""

    id = "broken"

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        yield self.finding("seen")
        raise ValueError("no such\r\nluck")


def test_runs_in_the_order_of_the_ids() -> None:
    ids = ("yara", "hidden-text", "known-hash")
    engine = SignatureEngine.from_ids(ids)
    assert engine.ids == ids
    assert list(engine.versions) == list(ids)
    assert engine.finding_ids == (*ids, ERROR_ID)
    assert SignatureEngine.from_ids().ids == DEFAULT_IDS


@pytest.mark.parametrize("ids", [["no-such"], ["yara", "yara"]])
def test_refuses_unknown_and_repeated_ids(ids: list[str]) -> None:
    with pytest.raises(ConfigError, match=ids[0]):
        SignatureEngine.from_ids(ids)


def test_a_failing_detector_becomes_a_finding_and_hides_nothing() -> None:
    findings = SignatureEngine([Broken(), Talkative()]).inspect(ScoreRequest(b""), EMPTY)
    assert [finding.signature for finding in findings[:3]] == ["broken", ERROR_ID, "talkative"]
    assert findings[1].severity is Severity.LOW
    assert findings[1].evidence == "broken failed with ValueError: no such\\r\\nluck"


def test_caps_findings_per_signature() -> None:
    assert len(SignatureEngine([Talkative()]).inspect(ScoreRequest(b""), EMPTY)) == MAX_FINDINGS


def test_evidence_is_one_printable_line() -> None:
    assert printable("a\r\nb\u202ec\x1b[1m\udc80") == "a\\r\\nb\\u202ec\\x1b[1m\\udc80"
    assert printable("grüße") == "grüße"
    assert len(printable("x" * 1000)) == MAX_EVIDENCE
    assert len(printable("\n" * 1000)) == MAX_EVIDENCE


def test_observer_hears_of_every_detector() -> None:
    heard: list[str] = []
    SignatureEngine.from_ids(["yara", "hidden-text"]).inspect(
        ScoreRequest(b""), EMPTY, lambda signature_id, seconds: heard.append(signature_id)
    )
    assert heard == ["yara", "hidden-text"]


def test_a_second_detector_of_one_id_is_refused() -> None:
    assert "yara" in set(CATALOGUE)
    register = signature(
        "yara", version=1, attack="T1566", severity=Severity.LOW, surface=Surface.BODY, attack_type="x", tactic="x"
    )
    with pytest.raises(ConfigError, match="registered twice"):
        register(type("Second", (Talkative,), {"__doc__": "Second."}))
