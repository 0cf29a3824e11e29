"""Signature `mime-ambiguity`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_two_from", Severity.MEDIUM, "duplicate-header: from"),
        ("fires_after_end", Severity.MEDIUM, "parts-after-end"),
        ("fires_partial", Severity.MEDIUM, "message/partial"),
        ("fires_base64", Severity.MEDIUM, "base64-after-padding"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("mime-ambiguity", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
