"""Rule files: errors with line and column, fields, operators, and the commands around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from seg_ml.cli.rules import rules_app as app
from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.mail.parse import parse
from seg_ml.signatures.own_rules import read_rules
from seg_ml.signatures.own_rules_fields import Facts

FIXTURES = Path(__file__).parents[2] / "fixtures" / "signatures"
RULES = FIXTURES / "own-rule" / "rules.yaml"
RUNNER = CliRunner(env={"COLUMNS": "300"})

HEAD = "rules:\n- id: a\n  description: d\n  severity: low\n"

MAIL = (
    b"From: Ann Example <ann@mail.example.org>\r\nReply-To: bob@example.net\r\nSubject: Invoice 12\r\n"
    b"X-Tool: Sender 5\r\nContent-Type: text/html\r\n\r\n<a href='https://www.example.com/p1.html'>Pay</a>"
)


def holds(condition: str) -> bool:
    text = f"rules:\n- id: r\n  description: d\n  severity: low\n  when: {condition}\n"
    (rule,) = read_rules(text, "rules.yaml")
    request = ScoreRequest(MAIL, Envelope(client_ip="192.0.2.1"), AuthenticationResults(dmarc="fail"))
    return rule.when.holds(Facts(request, parse(MAIL), frozenset({"yara"})))


@pytest.mark.parametrize(
    "condition",
    [
        "{field: from.address, is: ANN@mail.example.org}",
        "{field: from.domain, in: [example.org]}",
        "{field: from.name, starts_with: ann}",
        "{field: reply_to.domain, is: example.net}",
        "{field: subject, contains: [nothing, invoice]}",
        "{field: header.x-tool, ends_with: '5'}",
        "{field: link.path, matches: 'p[0-9]\\.html$'}",
        "{field: link.url, matches: '^https://www\\.'}",
        "{field: link.text, is: pay}",
        "{field: link.count, above: '0'}",
        "{field: attachment.count, below: '1'}",
        "{field: client_ip, is: 192.0.2.1}",
        "{field: authentication.dmarc, is: fail}",
        "{field: finding, is: yara}",
        "{not: {field: authentication.spf, is: pass}}",
        "{any: [{field: subject, is: x}, {not: {field: subject, is: x}}]}",
    ],
)
def test_conditions_that_hold(condition: str) -> None:
    assert holds(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "{field: from.domain, is: mail.example.org}",
        "{field: attachment.name, contains: ''}",
        "{field: link.count, above: '1'}",
        "{all: [{field: subject, contains: invoice}, {field: subject, contains: x}]}",
        "{not: {field: subject, contains: invoice}}",
    ],
)
def test_conditions_that_do_not(condition: str) -> None:
    assert not holds(condition)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (HEAD.replace("low", "loud") + "  when: {field: subject, is: x}\n", ":4:13: severity must"),
        ("rules:\n- id: a\n  description: d\n  severity: low\n", ":2:3: 'when' is missing"),
        ("rules:\n- id: a\n  colour: red\n", ":3:11: unknown key 'colour'"),
        (HEAD + "  when: {field: mood, is: x}\n", ":5:17: unknown field 'mood'"),
        (HEAD + "  when: {field: subject, like: x}\n", ":5:9: give one operator"),
        (HEAD + "  when: {field: subject, matches: '('}\n", ":5:35: the pattern"),
        (HEAD + "  when: {some: []}\n", ":5:9: a condition is one of"),
        ("rules: [\n", ":2:1: "),
        ("- x\n", ":1:1: a rule file must be a mapping"),
        ("rules:\n- {id: a, id: b}\n", ":2:11: 'id' stands twice"),
    ],
)  # fmt: skip
def test_errors_name_line_and_column(text: str, error: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_rules(text, "own.yaml")
    assert str(caught.value).startswith(f"own.yaml{error}")


def test_rules_test_passes_on_the_fixture() -> None:
    result = RUNNER.invoke(app, ["test", str(RULES)])
    assert result.exit_code == 0
    assert "2 rules, 2 tests" in result.output


def test_rules_test_fails_where_a_rule_does_not_keep_its_word(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES.read_text().replace("fires: false", "fires: true"))
    result = RUNNER.invoke(app, ["test", str(path)])
    assert result.exit_code == 1
    assert "from a firm: expected fires=True, got False" in result.output


def test_replay_shows_hits_per_label_and_the_difference(tmp_path: Path) -> None:
    for label, sender in (("ham", "a@example.org"), ("spam", "a@gmail.com")):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.eml").write_text(f"From: {sender}\nSubject: invoice\n\nx")
    old = tmp_path / "old.yaml"
    old.write_text("rules: []\n")
    result = RUNNER.invoke(app, ["replay", str(RULES), "--before", str(old), "--over", str(tmp_path)])
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines() if "newly" in line or "invoice" in line]
    assert [line[-4:] for line in lines] == [["0", "│", "1", "│"], ["0", "│", "1", "│"]]
