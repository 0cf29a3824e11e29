"""Signature `link-mailto-lure`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires", Severity.MEDIUM, "prepared mail to desk.example@gmail.com"),
        ("fires_stranger", Severity.LOW, "desk@harvest.example.net"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("link-mailto-lure", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
