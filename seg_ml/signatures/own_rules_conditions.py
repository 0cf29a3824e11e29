"""Conditions of an analyst's rules: `all`, `any`, `not`, and tests of a field.

Operators compare without regard to case; a test holds where one of the field's values satisfies one of those given.
`is`/`in` equal, `contains`, `starts_with`, `ends_with`, `matches` (a regular expression of YARA-X, whose engine
takes linear time whatever the pattern), `above`/`below` (whole numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import yara_x

from seg_ml.signatures.own_rules_fields import Facts

OPERATORS = ("is", "in", "contains", "starts_with", "ends_with", "matches", "above", "below")
MAX_VALUE = 100_000


class Condition:
    """Something that holds of a message or does not."""

    def holds(self, facts: Facts) -> bool:
        """Whether it holds."""
        raise NotImplementedError

    @property
    def signatures(self) -> frozenset[str]:
        """Ids of signatures whose findings it asks about."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Combined(Condition):
    """`all`, `any` or `not` of other conditions."""

    kind: str
    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> bool:
        """Whether all, any, or not the one part holds."""
        if self.kind == "not":
            return not self.parts[0].holds(facts)
        combine = all if self.kind == "all" else any
        return combine(part.holds(facts) for part in self.parts)

    @property
    def signatures(self) -> frozenset[str]:
        """Ids that the parts ask about."""
        return frozenset().union(*(part.signatures for part in self.parts))


@dataclass(frozen=True, slots=True)
class Test(Condition):
    """One operator on one field. `wanted` is in lower case, except for patterns."""

    field: str
    operator: str
    wanted: tuple[str, ...]

    def holds(self, facts: Facts) -> bool:
        """Whether one of the field's values satisfies one of those wanted."""
        values = facts.values(self.field)
        return any(self._satisfies(value[:MAX_VALUE]) for value in values)

    @property
    def signatures(self) -> frozenset[str]:
        """The wanted ids where the field is `finding`."""
        return frozenset(self.wanted) if self.field == "finding" else frozenset()

    def _satisfies(self, value: str) -> bool:
        if self.operator == "matches":
            return any(_found(pattern, value) for pattern in self.wanted)
        lowered = value.lower()
        if self.operator in ("is", "in"):
            return lowered in self.wanted
        if self.operator == "contains":
            return any(wanted in lowered for wanted in self.wanted)
        if self.operator == "starts_with":
            return lowered.startswith(self.wanted)
        if self.operator == "ends_with":
            return lowered.endswith(self.wanted)
        return self._compares(lowered)

    def _compares(self, value: str) -> bool:
        bound = int(self.wanted[0])
        return value.isdigit() and (int(value) > bound if self.operator == "above" else int(value) < bound)


def _found(pattern: str, value: str) -> bool:
    rules = compiled_pattern(pattern)[0]
    return rules is not None and bool(rules.scan(value.encode("utf-8", "replace")).matching_rules)


@lru_cache(maxsize=512)
def compiled_pattern(pattern: str) -> tuple[yara_x.Rules | None, str]:
    """A pattern compiled by YARA-X, or `None` and what is wrong with it."""
    escaped = pattern.replace("/", "\\/") if "\\/" not in pattern else pattern
    try:
        return yara_x.compile(f"rule pattern {{ strings: $p = /{escaped}/i condition: $p }}"), ""
    except yara_x.CompileError as error:
        return None, str(error).partition("\n")[0]
