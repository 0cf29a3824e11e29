"""Signature `link-free-host`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_site", Severity.MEDIUM, "secure-mail-x.weebly.com"),
        ("fires_form", Severity.LOW, "forms.gle"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("link-free-host", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
