"""Signature `failed-authentication`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_dmarc_reject", Severity.HIGH, "DMARC failed for bank.example, whose policy is reject"),
        ("fires_spf", Severity.MEDIUM, "SPF says fail for example.org"),
        ("fires_arc_sealed", Severity.MEDIUM, "DMARC failed"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("failed-authentication", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
