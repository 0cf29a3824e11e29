"""Holds a case against the table of its direction and recipient domain."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.policy.table import Case, Direction, Row
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import Decision


class Policy:
    """Tables per direction; a recipient domain's own rows are tried before them."""

    def __init__(
        self,
        tables: Mapping[Direction, tuple[Row, ...]],
        overrides: Mapping[tuple[str, Direction], tuple[Row, ...]],
    ) -> None:
        self._tables = tables
        self._overrides = overrides

    def rows(self, direction: Direction, domain: str = "") -> tuple[Row, ...]:
        """The rows that a recipient domain's mail meets, in order."""
        return self._overrides.get((domain.lower(), direction), ()) + self._tables[direction]

    def decide(self, case: Case, domain: str) -> Decision:
        """The decision of the first row that holds."""
        for row in self.rows(case.direction, domain):
            if row.when.holds(case):
                return Decision(row.then, row.id, row.reply)
        raise ConfigError(f"policy: no row holds for {case.direction.value} mail to {domain}")
