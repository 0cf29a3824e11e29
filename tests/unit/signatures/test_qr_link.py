"""Signature `qr-link`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_imitation", Severity.HIGH, "a code in code.png leads to secure-netflix.com, which imitates Netflix"),
        ("fires_address", Severity.HIGH, "203.0.113.9, a bare address"),
        ("fires_other", Severity.LOW, "leads to elsewhere.example"),
        ("fires_names_recipient", Severity.HIGH, "elsewhere.example and names the recipient"),
        ("fires_shortener", Severity.MEDIUM, "bit.ly, a shortener"),
        ("fires_in_pdf", Severity.HIGH, "a code in a.pdf leads to secure-netflix.com"),
        ("fires_data_uri", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_pdf_paths", Severity.HIGH, "a code in a.pdf leads to secure-netflix.com"),
        ("fires_pdf_form", Severity.HIGH, "a code in a.pdf leads to secure-netflix.com"),
        ("fires_pdf_locked", Severity.HIGH, "a code in a.pdf leads to secure-netflix.com"),
        ("fires_block_characters", Severity.HIGH, "a code in text/plain leads to secure-netflix.com"),
        ("fires_block_entities", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_table", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_table_runs", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_svg_in_page", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_svg_strokes", Severity.HIGH, "a code in code.svg leads to secure-netflix.com"),
        ("fires_svg_dots", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_box_rows", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_box_places", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_box_shadows", Severity.HIGH, "a code in text/html leads to secure-netflix.com"),
        ("fires_photo", Severity.HIGH, "a code in photo.jpg leads to secure-netflix.com"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("qr-link", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
