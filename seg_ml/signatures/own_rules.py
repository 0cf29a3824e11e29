"""Rules that an analyst writes in YAML: a condition, what it means, and its tests.

    rules:
      - id: invoice-from-free-mail
        description: an invoice from a free mailbox
        severity: medium
        attack_type: BEC/Fraud
        when:
          all:
            - {field: from.domain, in: [gmail.com, outlook.com]}
            - {field: subject, contains: [invoice, rechnung]}
            - not: {field: finding, is: identity-proven}
        tests:
          - {name: fires, fires: true, mail: "From: a@gmail.com\\nSubject: Invoice\\n\\nx"}

The grammar stands in `own_rules_fields` (fields) and `own_rules_conditions` (operators).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

import yaml

from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import Severity
from seg_ml.signatures.own_rules_conditions import OPERATORS, Combined, Condition, Test, compiled_pattern
from seg_ml.signatures.own_rules_fields import is_field

_KEYS = ("id", "description", "severity", "attack_type", "attack", "when", "tests")
_REQUIRED = ("id", "description", "severity", "when")
MAX_DEPTH = 10


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A mail, and whether the rule is to fire on it."""

    name: str
    mail: str
    fires: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of one's own."""

    id: str
    description: str
    severity: Severity
    attack_type: str
    attack: str
    when: Condition
    tests: tuple[RuleTest, ...]

    @property
    def signatures(self) -> frozenset[str]:
        """Ids of the signatures whose findings the condition asks about."""
        return self.when.signatures


class _Reader:
    """Builds rules from YAML nodes, which know their line and column."""

    def __init__(self, source: str) -> None:
        self.source = source

    def fail(self, node: yaml.Node, problem: str) -> NoReturn:
        mark = node.start_mark
        raise ConfigError(f"{self.source}:{mark.line + 1}:{mark.column + 1}: {problem}")

    def mapping(self, node: yaml.Node, what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{what} must be a mapping")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.text(key, "a key")
            if name in found:
                self.fail(key, f"{name!r} stands twice")
            found[name] = value
        return found

    def sequence(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, f"{what} must be a list")
        return list(node.value)

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, f"{what} must be a text")
        return str(node.value)

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        nodes = self.sequence(node, what) if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(self.text(item, what) for item in nodes)

    def rule(self, node: yaml.Node) -> Rule:
        fields = self.mapping(node, "a rule")
        self._check_keys(node, fields, _KEYS, _REQUIRED)
        given = {key: self.text(fields[key], key) for key in fields if key not in ("when", "tests")}
        return Rule(
            id=given["id"],
            description=given["description"],
            severity=self._severity(fields["severity"]),
            attack_type=given.get("attack_type", ""),
            attack=given.get("attack", ""),
            when=self.condition(fields["when"], 0),
            tests=tuple(self._test(item) for item in self.sequence(fields["tests"], "tests"))
            if "tests" in fields
            else (),
        )

    def condition(self, node: yaml.Node, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            self.fail(node, f"conditions are nested deeper than {MAX_DEPTH}")
        fields = self.mapping(node, "a condition")
        if "field" in fields:
            return self._test_of_field(node, fields)
        if len(fields) != 1 or next(iter(fields)) not in ("all", "any", "not"):
            self.fail(node, "a condition is one of `all`, `any`, `not`, or names a `field` and an operator")
        kind, inner = next(iter(fields.items()))
        nodes = [inner] if kind == "not" else self.sequence(inner, kind)
        return Combined(kind, tuple(self.condition(item, depth + 1) for item in nodes))

    def _test_of_field(self, node: yaml.Node, fields: Mapping[str, yaml.Node]) -> Condition:
        name = self.text(fields["field"], "field")
        if not is_field(name):
            self.fail(fields["field"], f"unknown field {name!r}")
        operators = [key for key in fields if key != "field"]
        if len(operators) != 1 or operators[0] not in OPERATORS:
            self.fail(node, f"give one operator of {', '.join(OPERATORS)}")
        values = self.texts(fields[operators[0]], operators[0])
        self._check_values(fields[operators[0]], operators[0], values)
        return Test(name, operators[0], tuple(values if operators[0] == "matches" else (v.lower() for v in values)))

    def _check_values(self, node: yaml.Node, operator: str, values: tuple[str, ...]) -> None:
        for value in values:
            if operator in ("above", "below") and not value.isdigit():
                self.fail(node, f"{operator} takes a whole number, not {value!r}")
            problem = compiled_pattern(value)[1] if operator == "matches" else ""
            if problem:
                self.fail(node, f"the pattern {value!r} does not compile: {problem}")

    def _severity(self, node: yaml.Node) -> Severity:
        name = self.text(node, "severity").upper()
        if name not in Severity.__members__:
            self.fail(node, f"severity must be one of {', '.join(s.name.lower() for s in Severity)}")
        return Severity[name]

    def _test(self, node: yaml.Node) -> RuleTest:
        fields = self.mapping(node, "a test")
        self._check_keys(node, fields, ("name", "mail", "fires"), ("name", "mail", "fires"))
        fires = self.text(fields["fires"], "fires")
        if fires not in ("true", "false"):
            self.fail(fields["fires"], "fires must be true or false")
        return RuleTest(self.text(fields["name"], "name"), self.text(fields["mail"], "mail"), fires == "true")

    def _check_keys(
        self, node: yaml.Node, fields: Mapping[str, yaml.Node], known: tuple[str, ...], required: tuple[str, ...]
    ) -> None:
        for name, value in fields.items():
            if name not in known:
                self.fail(value, f"unknown key {name!r}; known are {', '.join(known)}")
        missing = [name for name in required if name not in fields]
        if missing:
            self.fail(node, f"{missing[0]!r} is missing")


def read_rules(text: str, source: str) -> tuple[Rule, ...]:
    """The rules of a YAML text.

    Raises:
        ConfigError: it is no rule file; the message names file, line and column.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError(f"{source}{where}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: {error}") from error
    if root is None:
        return ()
    reader = _Reader(source)
    fields = reader.mapping(root, "a rule file")
    if set(fields) != {"rules"}:
        reader.fail(root, "a rule file holds one key, `rules`")
    return _unique(reader, reader.sequence(fields["rules"], "rules"))


def _unique(reader: _Reader, nodes: list[yaml.Node]) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for node in nodes:
        rule = reader.rule(node)
        if rule.id in rules:
            reader.fail(node, f"the rule {rule.id!r} stands twice")
        rules[rule.id] = rule
    return tuple(rules.values())


@lru_cache(maxsize=32)
def rules_of(path: Path) -> tuple[Rule, ...]:
    """The rules of a file, read once.

    Raises:
        ConfigError: the file cannot be read, or is no rule file.
    """
    try:
        return read_rules(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"rule file {path}: {error}") from error
