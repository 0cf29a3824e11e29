"""Signature `html-attachment`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_carried", Severity.HIGH, "carries a file in a link"),
        ("fires_in_archive", Severity.HIGH, "page.html asks for a password"),
        ("fires_password", Severity.HIGH, "statement.html asks for a password"),
        ("fires_smuggling", Severity.HIGH, "rebuilds a hidden file"),
        ("fires_saved_page", Severity.HIGH, "invoice.mht asks for a password"),
        ("fires_on_disk", Severity.HIGH, "a page at sector 5.html rebuilds a hidden file"),
        ("fires_svg", Severity.MEDIUM, "logo.svg runs a script"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("html-attachment", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
