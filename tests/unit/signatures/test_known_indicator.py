"""Signature `known-indicator`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        (
            "fires_page",
            Severity.CRITICAL,
            "url http://harvest.example.net/a.exe: fixture 2026-01-01 to 2026-02-01 test page",
        ),
        ("fires_host", Severity.HIGH, "domain harvest.example.org"),
        ("fires_client", Severity.HIGH, "ip 203.0.113.77"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("known-indicator", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
