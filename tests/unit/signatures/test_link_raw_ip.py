"""Signature `link-raw-ip`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires", Severity.MEDIUM, "bare address 93.184.216.34"),
        ("fires_hexadecimal", Severity.HIGH, "93.184.216.34 written as 0x5db8d822"),
        ("fires_dword", Severity.HIGH, "written as 1572395042"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("link-raw-ip", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
