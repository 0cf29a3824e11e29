"""Signature `prompt-injection`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_hidden", Severity.HIGH, "hidden from the reader: override: 'ignore all previous instructions'"),
        ("fires_tags", Severity.HIGH, "'note to ai'"),
        ("fires_shown", Severity.MEDIUM, "in the text: override: 'disregard previous instructions'"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("prompt-injection", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
