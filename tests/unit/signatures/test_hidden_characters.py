"""Signature `hidden-characters`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_selectors", Severity.MEDIUM, "split words of"),
        ("fires_tags", Severity.HIGH, "invisible characters spell 'note to AI"),
        ("fires_octets", Severity.HIGH, "invisible characters spell 'ignore the rest"),
        ("fires_split", Severity.MEDIUM, "split 4 words"),
        ("fires_subject", Severity.MEDIUM, "split words of"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("hidden-characters", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
