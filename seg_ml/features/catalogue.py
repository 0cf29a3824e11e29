"""Feature blocks by id, and the decorator that registers one."""

from __future__ import annotations

from collections.abc import Callable

from seg_ml.domain.catalogue import Catalogue
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.protocols import FeatureBlock

FEATURES: Catalogue[FeatureBlock] = Catalogue("feature", "seg_ml.features.blocks")


def feature(
    block_id: str, version: int, names: tuple[str, ...], rising: str = "", falling: str = ""
) -> Callable[[type], type]:
    """Register a class as the feature block of this id; `names` are its columns, in order.

    `rising` names the columns of which more never speaks for a message, `falling` those of which more never speaks
    against it, all other things being equal: a model keeps to that (`FeatureSchema.directions`).

    Raises:
        ConfigError: another block has this id, or a direction is given for no column.
    """

    def register(cls: type) -> type:
        directions = dict.fromkeys(rising.split(), 1) | dict.fromkeys(falling.split(), -1)
        if unknown := sorted(set(directions) - set(names)):
            raise ConfigError(f"feature {block_id}: a direction for {unknown[0]!r}, which is none of its columns")
        cls.id, cls.version, cls.names, cls.directions = (  # type: ignore[attr-defined]
            block_id, version, names, directions,
        )  # fmt: skip
        FEATURES.register(block_id, cls())
        return cls

    return register
