"""The policy: first row wins, domains come first, errors name the row."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policy.loader import load_policy, parse_policy
from gateway.policy.table import Case, Direction
from seg_ml.domain.envelope import AuthenticationResults
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import Disposition, Finding, Label, Severity, Surface, Verdict

DEFER = "451 4.7.1 Message cannot be examined now, try again later"


def verdict(threat: float, label: Label = Label.SPAM) -> Verdict:
    return Verdict(label, {"ham": 1 - threat, label.value: threat}, model_version="seg-mail/1")


def finding(severity: Severity, signature: str = "x") -> Finding:
    return Finding(signature, severity, "seen", Surface.BODY)


def decide(case: Case, domain: str = "example.org") -> tuple[Disposition, str]:
    decision = load_policy().decide(case, domain)
    return decision.disposition, decision.rule


@pytest.mark.parametrize(
    ("threat", "expected"),
    [(0.99, "spam"), (0.95, "spam"), (0.7, "suspicious"), (0.1, "clean")],
)
def test_thresholds(threat: float, expected: str) -> None:
    assert decide(Case(Direction.INBOUND, verdict(threat)))[1] == expected


def test_unscored_rows() -> None:
    def rule(**facts: Any) -> str:
        return decide(Case(Direction.INBOUND, None, **facts))[1]

    assert rule(findings=(finding(Severity.HIGH),)) == "unscored-dangerous"
    assert rule(plain=True) == "unscored-plain"
    assert rule(plain=False) == "unscored-rest"
    assert rule(plain=True, findings=(finding(Severity.MEDIUM),)) == "unscored-rest"
    assert rule(plain=True, authentication=AuthenticationResults(spf="softfail", dkim="none")) == "unscored-rest"
    assert rule(plain=True, authentication=AuthenticationResults(dmarc="pass")) == "unscored-plain"
    assert rule(plain=True, authentication=AuthenticationResults(dmarc="temperror")) == "unscored-rest"


def test_unscannable_is_never_clean() -> None:
    for direction in Direction:
        assert decide(Case(direction, verdict(0.0, Label.HAM), unscannable="time"))[0] is Disposition.QUARANTINE


def test_defer_carries_its_reply() -> None:
    assert load_policy().decide(Case(Direction.INBOUND, None), "a.example").reply == DEFER


def test_a_domain_comes_first() -> None:
    policy = parse_policy(
        {
            "inbound": [{"id": "all", "then": "deliver"}],
            "outbound": [{"id": "all", "then": "deliver"}],
            "domains": {
                "Strict.example": {"inbound": [{"id": "strict", "when": {"threat_probability": 0.2}, "then": "reject"}]}
            },
        }
    )
    case = Case(Direction.INBOUND, verdict(0.3))
    assert policy.decide(case, "strict.example").rule == "strict"
    assert policy.decide(case, "other.example").rule == "all"


LAST = {"id": "last", "then": "deliver"}


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"id": "a", "then": "bounce"}, r"inbound\[1\] \(a\).then"),
        ({"id": "a", "then": "tag", "when": {"labels": ["spam"]}}, "when.labels: unknown key"),
        ({"id": "a", "then": "tag", "when": {"threat_probability": 2}}, "threat_probability: must be a number"),
        ({"id": "a", "then": "tag", "when": {"undecided": {"from": 0.9, "below": 0.3}}}, "undecided: needs `from`"),
        ({"id": "a", "then": "tag", "when": {"undecided": {"from": 0.3}}}, "undecided: needs `from` and `below`"),
        ({"id": "a", "then": "tag", "when": {"undecided": {"from": 0.3, "below": 2}}}, r"undecided.below: must be"),
        ({"id": "a", "then": "tag", "when": {"undecided": {"from": 0.3, "to": 0.9}}}, r"undecided.to: unknown key"),
        ({"id": "a", "then": "tag", "when": {"label": "virus"}}, "when.label"),
        ({"id": "a", "then": "tag", "when": {"min_severity": "bad"}}, "min_severity"),
        ({"id": "a", "then": "tag", "when": {"authentication": {"spf2": "x"}}}, "authentication.spf2"),
        ({"id": "a", "then": "reject", "reply": "451 4.0.0 later"}, "reply: must read like"),
        ({"id": "a", "then": "reject", "reply": "550 5.0.0 a\r\n250 ok"}, "reply: must read like"),
        ({"id": "a", "then": "deliver", "reply": "250 2.0.0 x"}, "only `reject` and `defer`"),
        ({"id": "last", "then": "deliver"}, "stands twice"),
    ],
)
def test_errors_name_the_row(row: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        parse_policy({"inbound": [row, LAST], "outbound": [LAST]})


def test_a_table_must_end() -> None:
    with pytest.raises(ConfigError, match="last row"):
        parse_policy({"inbound": [{"id": "a", "when": {"plain": True}, "then": "tag"}], "outbound": [LAST]})


@pytest.mark.parametrize(
    ("threat", "expected"),
    [
        (0.29, (Disposition.DELIVER, "last")),
        (0.3, (Disposition.QUARANTINE, "undecided")),
        (0.6, (Disposition.QUARANTINE, "undecided")),
        (0.9, (Disposition.DELIVER, "last")),
    ],
)
def test_what_the_model_leaves_open_is_an_outcome_of_its_own(threat: float, expected: tuple[Disposition, str]) -> None:
    band = {"id": "undecided", "when": {"undecided": {"from": 0.3, "below": 0.9}}, "then": "quarantine"}
    policy = parse_policy({"inbound": [band, LAST], "outbound": [LAST]})
    decision = policy.decide(Case(Direction.INBOUND, verdict(threat)), "example.org")
    assert (decision.disposition, decision.rule) == expected


def test_without_a_verdict_nothing_is_undecided() -> None:
    band = {"id": "undecided", "when": {"undecided": {"from": 0.0, "below": 1.0}}, "then": "quarantine"}
    policy = parse_policy({"inbound": [band, LAST], "outbound": [LAST]})
    assert policy.decide(Case(Direction.INBOUND, None), "example.org").rule == "last"
