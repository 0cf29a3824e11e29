"""One suite over every registered signature: metadata, files, fixtures, hostile input, determinism."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.protocols import Signature
from seg_ml.domain.verdict import Finding, Severity
from seg_ml.mail.parse import parse
from seg_ml.signatures.catalogue import CATALOGUE
from seg_ml.signatures.defaults import DEFAULT_IDS
from seg_ml.signatures.engine import ERROR_ID, SignatureEngine
from seg_ml.signatures.sidecar import read_request, read_settings

TESTS = Path(__file__).parents[2]
FIXTURES = TESTS / "fixtures" / "signatures"
IDS = tuple(CATALOGUE)
FIRING = sorted(FIXTURES.glob("*/fires*.eml"))
BENIGN = sorted(FIXTURES.glob("*/benign*.eml"))
ATTACHED = [raw for path in FIRING if b"base64\n\n" in (raw := path.read_bytes()) and len(raw) < 60_000]
ENGINE = SignatureEngine.from_ids()


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def run(path: Path) -> tuple[Finding, ...]:
    request = read_request(path)
    engine = SignatureEngine.from_ids([path.parent.name], read_settings(path))
    return engine.inspect(request, parse(request.raw))


def test_default_ids_are_all_that_exist() -> None:
    assert set(DEFAULT_IDS) == set(IDS)


@pytest.mark.parametrize("signature_id", IDS)
def test_metadata_is_complete(signature_id: str) -> None:
    (cls,) = CATALOGUE.resolve([signature_id])
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cls.id)
    assert cls.__module__ == f"seg_ml.signatures.detectors.{cls.id.replace('-', '_')}"
    assert cls.version >= 1
    assert re.fullmatch(r"T\d{4}(\.\d{3})?", cls.attack) or (cls.attack == "" and cls.severity is Severity.INFO)
    assert all((cls.attack_type, cls.tactic, cls.description.endswith(".")))
    assert all(heading in (cls.__doc__ or "") for heading in ("Source:", "Benign twin:"))
    assert isinstance(cls(), Signature)


@pytest.mark.parametrize("signature_id", IDS)
def test_has_its_unit_test_and_both_kinds_of_fixture(signature_id: str) -> None:
    assert (TESTS / "unit" / "signatures" / f"test_{signature_id.replace('-', '_')}.py").is_file()
    assert list((FIXTURES / signature_id).glob("fires*.eml"))
    assert list((FIXTURES / signature_id).glob("benign*.eml"))


@pytest.mark.parametrize("path", FIRING, ids=named)
def test_fires_on_its_fixture(path: Path) -> None:
    (cls,) = CATALOGUE.resolve([path.parent.name])
    findings = run(path)
    assert {finding.signature for finding in findings} == {cls.id}
    assert max(finding.severity for finding in findings) <= cls.severity
    assert all(finding.evidence for finding in findings)


@pytest.mark.parametrize("path", BENIGN, ids=named)
def test_silent_on_the_benign_twin(path: Path) -> None:
    assert run(path) == ()


@pytest.mark.parametrize("path", BENIGN, ids=named)
def test_no_other_signature_is_grave_about_a_benign_twin(path: Path) -> None:
    request = read_request(path)
    findings = ENGINE.inspect(request, parse(request.raw))
    assert [finding for finding in findings if finding.severity >= Severity.HIGH] == []


@pytest.mark.parametrize("path", FIRING + BENIGN, ids=named)
def test_same_message_same_findings(path: Path) -> None:
    request = read_request(path)
    message = parse(request.raw)
    first = ENGINE.inspect(request, message)
    assert ENGINE.inspect(request, message) == first
    assert ERROR_ID not in {finding.signature for finding in first}


HEADERS = st.sampled_from(
    [b"From: ", b"Reply-To: ", b"Subject: ", b"Content-Type: text/html", b"Content-Type: multipart/mixed; boundary=b",
     b"Content-Disposition: attachment; filename=a.zip", b"Content-Transfer-Encoding: base64", b"List-Id: <a.b>"]
)  # fmt: skip
BODIES = st.sampled_from(
    [b"<a href=http://[::1", b"http://xn--/", b"PK\x03\x04vbaProject.bin", b"MZ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
     b"--b",  "\u202e\u200b\U000e0041".encode(), b"%PDF-/JavaScript", b"<form><input type=password>",
     b"data:text/html,",
     b"\0" * 70]
)  # fmt: skip
LINES = st.lists(st.one_of(st.binary(max_size=80), HEADERS, BODIES), max_size=25).map(b"\r\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(LINES)
def test_never_fails_on_hostile_bytes(raw: bytes) -> None:
    findings = ENGINE.inspect(ScoreRequest(raw), parse(raw))
    assert ERROR_ID not in {finding.signature for finding in findings}
    assert {finding.signature for finding in findings} <= set(ENGINE.finding_ids)


@st.composite
def damaged_attachments(draw: st.DrawFn) -> bytes:
    """A fixture whose attachment has some of its bytes overwritten, or is cut short."""
    head, marker, rest = draw(st.sampled_from(ATTACHED)).partition(b"base64\n\n")
    encoded, boundary, tail = rest.partition(b"\n--")
    content = bytearray(base64.b64decode(encoded))
    for at, value in draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=8)):
        content[at] = value
    cut = draw(st.sampled_from([len(content), len(content), len(content) // 2]))
    return head + marker + base64.encodebytes(bytes(content[:cut])).strip() + boundary + tail


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged_attachments())
def test_never_fails_on_damaged_attachments(raw: bytes) -> None:
    findings = ENGINE.inspect(ScoreRequest(raw), parse(raw))
    assert ERROR_ID not in {finding.signature for finding in findings}


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n", b"\0" * 1000, b"From: \r\n\r\n", b"From: <>\nReply-To: @\n\nx", b"\xff\xfe" * 500],
    ids=["empty", "line", "zeros", "no sender", "null sender", "not text"],
)
def test_empty_and_degenerate_messages(raw: bytes) -> None:
    findings = ENGINE.inspect(ScoreRequest(raw), parse(raw))
    assert ERROR_ID not in {finding.signature for finding in findings}
