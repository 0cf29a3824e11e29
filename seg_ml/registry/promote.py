"""Moving the alias `champion`: forwards through a gate, back to `previous` without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from seg_ml.domain.errors import ConfigError, PromotionRefused
from seg_ml.registry.register import alias_version, set_alias
from seg_ml.registry.settings import CHALLENGER, CHAMPION, MODEL_NAME, PREVIOUS, RegistrySettings
from seg_ml.registry.versions import figures_of, version_info


class Checked(Protocol):
    """One question of a gate, answered; `str` gives the figure and its bound."""

    @property
    def name(self) -> str: ...
    @property
    def figure(self) -> float | None: ...
    @property
    def bound(self) -> float: ...
    @property
    def passed(self) -> bool: ...
    @property
    def detail(self) -> str: ...


Gate = Callable[[Mapping[str, Any], Mapping[str, Any] | None], Sequence[Checked]]
"""Figures of the proposed version and of the champion, with its `version` (`None` where there is none) → checks.

`seg_ml.evaluation.gate` has the one in use; this room knows only that every check must pass.
"""


@dataclass(frozen=True, slots=True)
class PromotionResult:
    """What a promotion came to. `replaced` is the champion before, `None` for the first."""

    name: str
    version: int
    replaced: int | None
    checks: tuple[Checked, ...]

    @property
    def passed(self) -> bool:
        """Whether every check did."""
        return all(check.passed for check in self.checks)


def judge(
    gate: Gate, reference: str = CHALLENGER, name: str = MODEL_NAME, settings: RegistrySettings | None = None
) -> PromotionResult:
    """Ask the gate about a version, and move nothing. `reference` is a number or an alias.

    Raises:
        ConfigError: there is no such version, or it or the champion has no figures.
    """
    proposed = version_info(reference, name, settings)
    reigning = alias_version(CHAMPION, proposed.name, settings)
    figures = figures_of(proposed, settings)
    if reigning is None or reigning == proposed.version:
        # The champion itself is held against the bounds alone.
        checks = gate(figures, None)
    else:
        champion = figures_of(version_info(str(reigning), proposed.name, settings), settings)
        checks = gate(figures, {**champion, "version": reigning})
    return PromotionResult(proposed.name, proposed.version, reigning, tuple(checks))


def promote(
    gate: Gate, reference: str = CHALLENGER, name: str = MODEL_NAME, settings: RegistrySettings | None = None
) -> PromotionResult:
    """Make a version champion if the gate lets it; the one before becomes `previous`.

    Raises:
        PromotionRefused: a check failed; the message names every figure that did, and its bound.
        ConfigError: see `judge`.
    """
    result = judge(gate, reference, name, settings)
    if not result.passed:
        refused = "; ".join(str(check) for check in result.checks if not check.passed)
        raise PromotionRefused(f"{result.name}/{result.version} is not promoted: {refused}")
    if result.replaced != result.version:
        # `previous` first: if the second step fails, the champion is still the one that reigned.
        if result.replaced is not None:
            set_alias(PREVIOUS, result.replaced, result.name, settings)
        set_alias(CHAMPION, result.version, result.name, settings)
    return result


def rollback(name: str = MODEL_NAME, settings: RegistrySettings | None = None) -> PromotionResult:
    """Swap `champion` and `previous`, so that a second rollback undoes the first.

    Raises:
        ConfigError: there is no previous champion.
    """
    before, reigning = alias_version(PREVIOUS, name, settings), alias_version(CHAMPION, name, settings)
    if before is None or reigning is None:
        raise ConfigError(f"{name} has no previous champion to go back to: see `seg-ml models list`")
    set_alias(CHAMPION, before, name, settings)
    set_alias(PREVIOUS, reigning, name, settings)
    return PromotionResult(name, before, reigning, ())
