"""Signature `first-contact`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_stranger", Severity.LOW, "nobody at house.example had mail from newcomer.example"),
        ("fires_new_colleague", Severity.INFO, "none from dora@lusitrade.example"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    (finding,) = inspect("first-contact", fixture)
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
