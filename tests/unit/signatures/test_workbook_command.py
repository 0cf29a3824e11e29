"""Signature `workbook-command`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


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
