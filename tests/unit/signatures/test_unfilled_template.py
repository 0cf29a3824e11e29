"""Signature `unfilled-template`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_link", Severity.MEDIUM, "'#CURL#'"),
        ("fires_subject", Severity.MEDIUM, "{{first_name}}"),
        ("fires_text", Severity.LOW, "%%FIRSTNAME%%"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("unfilled-template", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
