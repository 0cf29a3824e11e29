"""Signature `display-name-impersonation`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_word", Severity.MEDIUM, "claims Chase"),
        ("fires_comma", Severity.HIGH, "claims Microsoft"),
        ("fires_joined", Severity.HIGH, "claims Correios"),
        ("fires_brand", Severity.HIGH, "claims PayPal"),
        ("fires_homoglyph", Severity.HIGH, "claims PayPal"),
        ("fires_shown_address", Severity.HIGH, "shows the address service@paypal.com"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("display-name-impersonation", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
