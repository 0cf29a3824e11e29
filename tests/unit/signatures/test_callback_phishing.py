"""Signature `callback-phishing`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_touch", Severity.MEDIUM, "to be called: +12025550143"),
        ("fires", Severity.MEDIUM, "to be called: +1 (202) 555-0143"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("callback-phishing", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
