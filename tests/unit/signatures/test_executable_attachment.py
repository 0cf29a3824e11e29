"""Signature `executable-attachment`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_double_extension", Severity.CRITICAL, ".exe that poses as a .pdf"),
        ("fires_disguised", Severity.CRITICAL, "content is an executable (pe)"),
        ("fires_script", Severity.HIGH, "type .vbs"),
        ("fires_reversed", Severity.HIGH, "direction mark"),
        ("fires_disk_image", Severity.HIGH, "disk image (iso)"),
        ("fires_magika", Severity.HIGH, "the content is powershell, the name says .pdf"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("executable-attachment", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
