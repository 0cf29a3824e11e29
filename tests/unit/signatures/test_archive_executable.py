"""Signature `archive-executable`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_lone", Severity.HIGH, "order.zip holds order.exe"),
        ("fires_double", Severity.CRITICAL, "order.pdf.js, a .js that poses as a .pdf"),
        ("fires_nested", Severity.HIGH, "inner.zip holds run.vbs"),
        ("fires_disguised", Severity.CRITICAL, "photo.jpg, which is an executable"),
        ("fires_7z", Severity.HIGH, "order.7z holds order.exe"),
        ("fires_rar", Severity.CRITICAL, "order.pdf.js, a .js that poses as a .pdf"),
        ("fires_mail_without_name", Severity.HIGH, "message holds order.exe"),
        ("fires_encoded_message", Severity.HIGH, "mail.eml holds order.exe"),
        ("fires_mailbox", Severity.HIGH, "saved.mbox holds order.exe"),
        ("fires_binhex", Severity.HIGH, "order.hqx holds order.exe"),
        ("fires_yenc", Severity.HIGH, "order.ntx holds order.exe"),
        ("fires_arj", Severity.CRITICAL, "order.arj holds order.pdf.exe, a .exe that poses as a .pdf"),
        ("fires_wim", Severity.HIGH, "order.wim holds orders/order.scr"),
        ("fires_small_on_disk", Severity.CRITICAL, "order.vhd holds order.pdf.js, a .js that poses as a .pdf"),
        ("fires_uuencode_in_text", Severity.HIGH, "the text holds order.exe"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("archive-executable", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
