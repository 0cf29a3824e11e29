"""Signature `encrypted-document`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_opens_by_itself", Severity.HIGH, "the password that Excel tries by itself"),
        ("fires_password_told", Severity.MEDIUM, "opens with the password 'tulip-77'"),
        ("fires_closed", Severity.LOW, "no known password opens it"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("encrypted-document", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
