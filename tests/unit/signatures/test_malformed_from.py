"""Signature `malformed-from`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_comma", Severity.MEDIUM, "a name without an address beside x81@harvest.example.net"),
        ("fires_no_address", Severity.MEDIUM, "From holds no address: 'Some Bank'"),
        ("fires_two_authors", Severity.LOW, "names 2 authors"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("malformed-from", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
