"""Signature `document-text`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity
from seg_ml.signatures.document_text import text_of_documents


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_bill", Severity.MEDIUM, "callback-phishing in bill.pdf: to be called: +1 202 555 0143"),
        ("fires_word", Severity.MEDIUM, "callback-phishing in bill.docx: to be called: +1 202 555 0143"),
        ("fires_of_a_firm", Severity.LOW, "callback-phishing in bill.pdf"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("document-text", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7", b"%PDF-1.7 1 0 obj <</Type/Page>> %%EOF", b"PK\x03\x04word/", b"", b"text"]
)
def test_what_cannot_be_read_says_nothing(content: bytes) -> None:
    part = Part("1", "application/pdf", content, filename="a.pdf", disposition="attachment")
    assert list(text_of_documents(Message(b"", parts=(part,)))) == []
