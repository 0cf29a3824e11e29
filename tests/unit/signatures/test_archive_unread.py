"""Signature `archive-unread`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_7z", Severity.MEDIUM, "order.7z is 7z"),
        ("fires_cabinet", Severity.MEDIUM, "order.doc is cab"),
        ("fires_damaged", Severity.LOW, "order.zip is damaged"),
        ("fires_winmail", Severity.LOW, "winmail.dat is tnef"),
        ("fires_ace", Severity.MEDIUM, "order.ace is ace"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("archive-unread", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
