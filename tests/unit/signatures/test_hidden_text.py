"""Signature `hidden-text`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires", Severity.MEDIUM, "committee of gardeners"),
        ("fires_comments", Severity.MEDIUM, "stand in comments beside 26 shown"),
        ("fires_font_size", Severity.MEDIUM, "beside 8 shown"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("hidden-text", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
