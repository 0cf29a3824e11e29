"""Signature `brand-spoof`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires", Severity.HIGH, "noreply@dhl.de of DHL is unproven, and none of 1 links"),
        ("fires_counted", Severity.MEDIUM, "mailing services count all clicks"),
        ("fires_not_evaluated", Severity.MEDIUM, "of EDEKA is unproven"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("brand-spoof", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
