"""Signature `yara`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_eicar", Severity.CRITICAL, "eicar_test_file in eicar.txt: the EICAR anti-malware test file"),
        ("fires_in_archive", Severity.CRITICAL, "eicar_test_file in eicar.com"),
        ("fires_encoded_command", Severity.HIGH, "powershell_encoded_command in run.txt"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("yara", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
