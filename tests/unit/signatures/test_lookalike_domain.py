"""Signature `lookalike-domain`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_homoglyph", Severity.HIGH, "From domain paypa1.com imitates PayPal (look-alike letters)"),
        ("fires_cyrillic_link", Severity.HIGH, "imitates Microsoft"),
        ("fires_subdomain", Severity.HIGH, "subdomain of another"),
        ("fires_combination", Severity.MEDIUM, "imitates DHL (the brand's name with a lure)"),
        ("fires_keyboard", Severity.MEDIUM, "imitates PayPal (a neighbouring key)"),
        ("fires_own_domain", Severity.MEDIUM, "imitates Contoso (one edit away)"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("lookalike-domain", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
