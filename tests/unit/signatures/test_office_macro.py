"""Signature `office-macro`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity
from seg_ml.signatures.detectors.office_macro import OfficeMacro


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_unreadable", Severity.LOW, "cannot be read"),
        ("fires_in_archive", Severity.HIGH, "order.doc runs a macro"),
        ("fires_automatic", Severity.HIGH, "order.doc runs a macro by itself"),
        ("fires_in_zip", Severity.HIGH, "order.docm runs a macro by itself"),
        ("fires_on_disk", Severity.HIGH, "a package at sector 5.zip runs a macro by itself"),
        ("fires_saved_as_page", Severity.HIGH, "macros.ole runs a macro by itself"),
        ("fires_manual", Severity.MEDIUM, "tool.xls carries macros"),
        ("fires_excel4_sheet", Severity.MEDIUM, "a.xlsm carries a sheet of Excel 4.0 macros"),
        ("fires_locked_excel4_sheet", Severity.MEDIUM, "a.xlsm carries a sheet of Excel 4.0 macros"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("office-macro", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding


def test_a_damaged_stream_is_data() -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vbaProject.bin", b"a project " * 40)
    content = bytearray(book.getvalue())
    content[30 + len("vbaProject.bin")] = 0x01  # a stored block whose lengths contradict each other
    part = Part("2", "application/octet-stream", bytes(content), filename="a.docm", disposition="attachment")
    (finding,) = OfficeMacro().inspect(ScoreRequest(b""), Message(raw=b"", parts=(part,)))
    assert (finding.severity, "cannot be read" in finding.evidence) == (Severity.LOW, True)
