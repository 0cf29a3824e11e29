"""Signature `workbook-command`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity
from seg_ml.signatures.detectors.workbook_command import WorkbookCommand


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_xlsb", Severity.HIGH, "stock.xlsb holds a DDE link to powershell -c harmless"),
        ("fires_sylk_call", Severity.HIGH, "list.slk is a macro sheet that calls EXEC"),
        ("fires_sylk_starts", Severity.MEDIUM, "notes.slk is a macro sheet that starts by itself, at Auto_Open"),
        ("fires_sylk_dde", Severity.HIGH, "prices.slk holds a DDE link to CMD /c harmless"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("workbook-command", fixture)[0]
    assert (finding.severity, finding.evidence) == (severity, evidence)


@pytest.mark.parametrize("length", range(12))
def test_a_link_that_ends_in_the_middle_is_data(length: int) -> None:
    link = (b"\xe8\x02\x10\x01\x00\x03\x00\x00\x00c\x00m\x00d\x00")[:length]
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/externalLinks/externalLink1.bin", link)
    part = Part("2", "application/octet-stream", book.getvalue(), filename="a.xlsb", disposition="attachment")
    message = Message(raw=b"", parts=(part,))
    list(WorkbookCommand().inspect(ScoreRequest(b""), message))
