"""Signature `body-form`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_password", Severity.MEDIUM, "asks for a password"),
        ("fires_refresh", Severity.MEDIUM, "by itself"),
        ("fires_search", Severity.LOW, "holds 1 forms"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("body-form", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
