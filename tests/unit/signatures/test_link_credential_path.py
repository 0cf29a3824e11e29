"""Signature `link-credential-path`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_brand", Severity.MEDIUM, "the path names PayPal, the host is garden-club.example.net"),
        ("fires_address", Severity.MEDIUM, "hands the reader's address to a script"),
        ("fires_login", Severity.LOW, "garden-club.example.net"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("link-credential-path", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
