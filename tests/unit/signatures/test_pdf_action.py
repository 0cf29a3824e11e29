"""Signature `pdf-action`: what it says about its fixtures, and how gravely."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seg_ml.domain.verdict import Finding, Severity


@pytest.mark.parametrize(
    ("fixture", "severity", "evidence"),
    [
        ("fires_launch_in_stream", Severity.HIGH, "a.pdf starts a program"),
        ("fires_escaped_script", Severity.MEDIUM, "runs a script when it is opened"),
        ("fires_encrypted_script", Severity.MEDIUM, "runs a script when it is opened"),
        ("fires_launch_packed", Severity.HIGH, "starts a program"),
        ("fires_on_udf", Severity.HIGH, "starts a program"),
        ("fires_locked", Severity.LOW, "no password of the text opens it"),
    ],
)
def test_says_what_an_analyst_would_point_at(
    inspect: Callable[[str, str], tuple[Finding, ...]], fixture: str, severity: Severity, evidence: str
) -> None:
    finding = inspect("pdf-action", fixture)[0]
    assert (finding.severity, evidence in finding.evidence) == (severity, True), finding
