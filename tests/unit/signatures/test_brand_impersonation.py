"""Signature `brand-impersonation`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires", Severity.HIGH, "claims PayPal by name, subject, its voice ('dear paypal customer')"),
        ("fires_letterhead", Severity.MEDIUM, "its voice ('your netflix account'), the text of a picture"),
        ("fires_pictures", Severity.MEDIUM, "pictures from its servers"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("brand-impersonation", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
