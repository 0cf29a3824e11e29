"""Signature `link-open-redirect`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires", Severity.LOW, "www.google.com sends the reader on to harvest.example.net"),
        ("fires_chain", Severity.MEDIUM, "ads.example.com sends the reader on to harvest.example.org"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("link-open-redirect", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
