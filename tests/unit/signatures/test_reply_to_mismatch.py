"""Signature `reply-to-mismatch`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_free_mail", Severity.MEDIUM, "replies go to carla.finance@gmail.com"),
        ("fires_unproven_list", Severity.LOW, "talk@lists.hobby.example.net"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("reply-to-mismatch", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
