"""What goes over the wire comes back the same, and what does not fit is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.domain.errors import SchemaMismatch
from seg_ml.domain.verdict import Explanation, Finding, Label, Severity, Surface, Verdict
from seg_ml.domain.wire import request_from_json, request_to_json, verdict_from_json, verdict_to_json

VERDICT = Verdict(
    label=Label.SPAM,
    probabilities={"ham": 0.25, "spam": 0.75},
    findings=(Finding("yara", Severity.HIGH, "rule x", Surface.BODY),),
    explanation=Explanation("because", (("win", 0.5),)),
    model_version="seg-mail/3",
)


@given(st.binary(), st.none() | st.just("") | st.text(max_size=30), st.lists(st.text(max_size=20), max_size=3))
def test_requests_round_trip(raw: bytes, reverse_path: str | None, forward_paths: list[str]) -> None:
    request = ScoreRequest(
        raw,
        Envelope("192.0.2.1", "x.example", reverse_path, tuple(forward_paths), True, None),
        AuthenticationResults(spf="pass", dkim="none", dkim_domains=("a.example",)),
    )
    assert request_from_json(request_to_json(request)) == request


def test_the_null_reverse_path_is_not_the_unknown_one() -> None:
    for value in ("", None):
        assert (
            request_from_json(request_to_json(ScoreRequest(b"", Envelope(reverse_path=value)))).envelope.reverse_path
            == value
        )


def test_verdicts_round_trip() -> None:
    assert verdict_from_json(verdict_to_json(VERDICT)) == VERDICT
    assert VERDICT.threat_probability == 0.75
    assert VERDICT.severity is Severity.HIGH


@pytest.mark.parametrize(
    "changes",
    [
        {"label": "nonsense"},
        {"label": "phishing"},
        {"probabilities": {}},
        {"probabilities": {"ham": float("nan"), "spam": 0.5}},
        {"probabilities": {"ham": 0.9, "spam": 0.9}},
        {"probabilities": {"ham": "x", "spam": 1}},
        {"findings": [{"signature": "x"}]},
        {"findings": [{"signature": "x", "severity": "dire", "evidence": "", "surface": "body"}]},
        {"model_version": ...},
        {"explanation": {"words": [["one"]]}},
    ],
)
def test_a_verdict_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    data = {key: value for key, value in {**verdict_to_json(VERDICT), **changes}.items() if value is not ...}
    with pytest.raises(SchemaMismatch, match="verdict"):
        verdict_from_json(data)


@pytest.mark.parametrize(
    "data", [{}, {"raw": "%%"}, {"raw": "", "envelope": {"nope": 1}}, {"raw": 3}, {"raw": "", "envelope": 7}]
)
def test_a_request_that_does_not_fit_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(SchemaMismatch, match="score request"):
        request_from_json(data)
