"""Signature `encrypted-archive`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_password_told", Severity.HIGH, "opens with the password 'tulip-77'"),
        ("fires_closed", Severity.MEDIUM, "is encrypted: scan.txt"),
        ("fires_7z_password_told", Severity.HIGH, "opens with the password 'tulip-77'"),
        ("fires_aes_password_told", Severity.HIGH, "opens with the password 'tulip-77'"),
        ("fires_7z_hidden", Severity.MEDIUM, "is encrypted: (names are hidden)"),
        ("fires_arj", Severity.MEDIUM, "scan.arj is encrypted: scan.txt"),
        ("fires_rar_hidden", Severity.MEDIUM, "is encrypted: (names are hidden)"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("encrypted-archive", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
