"""Signature `embedded-executable`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_pdf", Severity.HIGH, "a.pdf carries order.js, which runs (js)"),
        ("fires_onenote", Severity.HIGH, "order.one carries object 1, which runs (pe)"),
        ("fires_onenote_script", Severity.HIGH, "which runs (v"),
        ("fires_winmail", Severity.HIGH, "winmail.dat carries order.exe"),
        ("fires_winmail_long_name", Severity.HIGH, "winmail.dat carries invoice.pdf.exe, which runs (exe)"),
        ("fires_winmail_extension", Severity.HIGH, "winmail.dat carries ORDER.js, which runs (js)"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("embedded-executable", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
