"""Signature `attachment-link`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_document", Severity.HIGH, "a.docx links to secure-netflix.com, which imitates Netflix"),
        ("fires_page", Severity.MEDIUM, "203.0.113.9, a bare address"),
        ("fires_attached_message", Severity.MEDIUM, "part 2.1 links to docs-x.weebly.com"),
        ("fires_imitation", Severity.HIGH, "paypa1.com, which imitates PayPal"),
        ("fires_free_host", Severity.MEDIUM, "docs-x.weebly.com, a free host"),
        ("fires_saved_mail", Severity.HIGH, "part 2!1.1 links to secure-netflix.com"),
        ("fires_shortcut", Severity.HIGH, "Account.url.txt links to secure-netflix.com"),
        ("fires_locked_pdf", Severity.HIGH, "a.pdf links to secure-netflix.com, which imitates Netflix"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("attachment-link", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
