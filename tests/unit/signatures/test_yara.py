"""Signature `yara`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_in_presentation", Severity.HIGH, "packaged_program in object 1"),
        ("fires_executable_in_document", Severity.HIGH, "executable_in_document in order.doc"),
        ("fires_package", Severity.HIGH, "packaged_program"),
        ("fires_rtf", Severity.HIGH, "executable_in_rtf"),
        ("fires_gtube", Severity.HIGH, "gtube_test_text in part 1"),
        ("fires_equation", Severity.HIGH, "rtf_equation_object"),
        ("fires_update", Severity.HIGH, "rtf_self_updating_object"),
        ("fires_dde", Severity.HIGH, "office_dde_command"),
        ("fires_onenote", Severity.HIGH, "onenote_with_program"),
        ("fires_pdf_launch", Severity.HIGH, "pdf_launch_action"),
        ("fires_pdf_script", Severity.MEDIUM, "pdf_open_javascript"),
        ("fires_downloader", Severity.HIGH, "script_downloader"),
        ("fires_shortcut", Severity.CRITICAL, "shortcut_with_interpreter"),
        ("fires_base64", Severity.HIGH, "executable_as_base64"),
        ("fires_hta", Severity.HIGH, "script_host_application"),
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
