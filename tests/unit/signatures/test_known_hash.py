"""Signature `known-hash`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_in_archive", Severity.CRITICAL, "sample.bin is listed"),
        ("fires", Severity.CRITICAL, "sample.bin is listed: SHA-256 275a021b"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("known-hash", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
