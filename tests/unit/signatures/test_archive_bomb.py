"""Signature `archive-bomb`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_ratio", Severity.HIGH, "times its size"),
        ("fires_nested", Severity.HIGH, "nested deeper than 3"),
        ("fires_gzip", Severity.HIGH, "unpacks to more than"),
        ("fires_7z", Severity.HIGH, "times its size"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("archive-bomb", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
