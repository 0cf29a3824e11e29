"""Signature `thread-hijack`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_lookalike", Severity.HIGH, "lusitrabe.example looks like a participant"),
        ("fires_invented_quotation", Severity.MEDIUM, "a quotation that nobody here had"),
        ("fires_unknown_reference", Severity.LOW, "never here"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    (finding,) = inspect("thread-hijack", fixture)
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
