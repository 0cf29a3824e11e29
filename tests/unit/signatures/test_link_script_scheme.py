"""Signature `link-script-scheme`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_page", Severity.HIGH, "data:text/html;base64"),
        ("fires_share", Severity.MEDIUM, "file://203.0.113.9"),
        ("fires_script", Severity.LOW, "runs a script"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("link-script-scheme", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
