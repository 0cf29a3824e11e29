"""Feature blocks by id, and the decorator that registers one."""

from __future__ import annotations

from collections.abc import Callable

from seg_ml.domain.catalogue import Catalogue
from seg_ml.domain.protocols import FeatureBlock

FEATURES: Catalogue[FeatureBlock] = Catalogue("feature", "seg_ml.features.blocks")


def feature(block_id: str, version: int, names: tuple[str, ...]) -> Callable[[type], type]:
    """Register a class as the feature block of this id; `names` are its columns, in order."""

    def register(cls: type) -> type:
        cls.id, cls.version, cls.names = block_id, version, names  # type: ignore[attr-defined]
        FEATURES.register(block_id, cls())
        return cls

    return register
