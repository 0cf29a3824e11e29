"""Settings of the evaluation, as `params.yaml` holds them under `evaluation:`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from seg_ml.domain.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """What is evaluated and how finely.

    `model` is the one proposed, `baseline` what it must not fall behind in any slice. `rates` are false-positive
    rates in (0, 1), `rate` the one whose threshold holds for slices and pictures. `margin` is the loss, in [0, 1],
    that counts as none; slices under `slice_minimum` messages never count. `promised` is the share of wanted mail, in
    (0, 1), that conformal prediction promises to flag at most.
    """

    model: str
    baseline: str
    rate: float
    rates: tuple[float, ...]
    bins: int
    resamples: int
    seed: int
    slice_minimum: int
    margin: float
    promised: float

    @property
    def bootstrap(self) -> tuple[int, int]:
        """Resamples and seed, in the order that `resampled` takes them."""
        return self.resamples, self.seed


def settings_from(params: Mapping[str, Any]) -> EvaluationSettings:
    """Read the mapping `evaluation:` of `params.yaml`.

    Raises:
        ConfigError: a key is missing or unknown, or a rate is no rate.
    """
    settings = exactly(EvaluationSettings, {**params, "rates": tuple(params.get("rates", ()))}, "evaluation")
    if not 0 < settings.promised < 1:
        raise ConfigError("params.yaml: evaluation.promised must lie between 0 and 1")
    if settings.rate not in settings.rates or not all(0 < rate < 1 for rate in settings.rates):
        raise ConfigError("params.yaml: evaluation.rates must lie between 0 and 1 and hold evaluation.rate")
    return settings


def exactly(kind: type[T], params: Mapping[str, Any], section: str) -> T:
    """A dataclass from a mapping with exactly its fields: a value left to a default would be a second place for it.

    Raises:
        ConfigError: a key is missing or unknown.
    """
    wanted = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    for name in sorted(wanted - set(params)):
        raise ConfigError(f"params.yaml: {section}.{name} is missing")
    for name in sorted(set(params) - wanted):
        raise ConfigError(f"params.yaml: {section}.{name} is unknown; known are {', '.join(sorted(wanted))}")
    return kind(**params)
