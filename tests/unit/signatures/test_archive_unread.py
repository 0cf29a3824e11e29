"""Signature `archive-unread`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seg_ml.domain.verdict import Finding, Severity
from seg_ml.mail.parse import parse
from seg_ml.signatures.detectors.archive_unread import ArchiveUnread
from seg_ml.signatures.sidecar import read_request

FIXTURES = Path(__file__).parents[2] / "fixtures" / "signatures"


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_7z", Severity.MEDIUM, "order.7z is 7z"),
        ("fires_cabinet", Severity.MEDIUM, "order.doc is cab"),
        ("fires_damaged", Severity.LOW, "order.zip is damaged"),
        ("fires_winmail", Severity.LOW, "winmail.dat is tnef"),
        ("fires_arj", Severity.MEDIUM, "notes.arj is arj, which is not opened"),
        ("fires_wim", Severity.MEDIUM, "notes.wim is wim, packed, with 1 files"),
        ("fires_ace", Severity.MEDIUM, "order.ace is ace"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("archive-unread", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding


def test_a_winmail_that_gives_its_files_is_read() -> None:
    request = read_request(FIXTURES / "embedded-executable" / "fires_winmail.eml")
    assert list(ArchiveUnread().inspect(request, parse(request.raw))) == []
