"""Signature `vip-impersonation`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires", Severity.HIGH, "the name of Jane Doe, written from jane.doe.ceo@gmail.com"),
        ("fires_reply_to", Severity.HIGH, "written from jd@harvest.example.net"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("vip-impersonation", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
