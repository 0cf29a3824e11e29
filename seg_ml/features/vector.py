"""Findings and feature blocks as one vector, with names frozen in the order of a schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import SchemaMismatch
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity
from seg_ml.features.catalogue import FEATURES
from seg_ml.signatures.catalogue import CATALOGUE

_SUMMARY = ("findings", "worst_severity")


@dataclass(frozen=True)
class FeatureSchema:
    """Which blocks and signatures make up a vector, with the versions they had."""

    blocks: tuple[tuple[str, int], ...]
    signatures: tuple[tuple[str, int], ...]

    @classmethod
    def current(cls, block_ids: Sequence[str], signatures: Mapping[str, int]) -> FeatureSchema:
        """The schema of these blocks and signatures as they are in this checkout."""
        blocks = FEATURES.resolve(block_ids)
        return cls(tuple((block.id, block.version) for block in blocks), tuple(signatures.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """Column names: `block.feature`, then `signature.id`, then a summary."""
        blocks = FEATURES.resolve([block_id for block_id, _ in self.blocks])
        numeric = [f"{block.id}.{name}" for block in blocks for name in block.names]
        return (*numeric, *(f"signature.{name}" for name, _ in self.signatures), *_SUMMARY)

    @property
    def directions(self) -> NDArray[np.int8]:
        """Shape (dim,): 1, -1 or 0 per column, see `feature`.

        What a detector finds never speaks for a message, but where it names no ATT&CK technique: then never against it.
        """
        blocks = FEATURES.resolve([block_id for block_id, _ in self.blocks])
        numeric = [block.directions.get(name, 0) for block in blocks for name in block.names]
        detectors = CATALOGUE.resolve([name for name, _ in self.signatures])
        found = [1 if detector.attack else -1 for detector in detectors]
        return np.array([*numeric, *found, *(0 for _ in _SUMMARY)], np.int8)

    def check(self, signatures: Mapping[str, int]) -> None:
        """Compare with what this checkout has.

        Raises:
            SchemaMismatch: a block or signature has another version here, or is missing.
        """
        for block_id, version in self.blocks:
            (block,) = FEATURES.resolve([block_id])
            if block.version != version:
                raise SchemaMismatch(f"feature {block_id} is version {block.version} here, {version} in the artifact")
        for name, version in self.signatures:
            if signatures.get(name) != version:
                raise SchemaMismatch(
                    f"signature {name} is version {signatures.get(name)} here, {version} in the artifact"
                )


class Vectorizer:
    """Turns one message and its findings into a vector of shape (dim,)."""

    def __init__(self, schema: FeatureSchema) -> None:
        self.schema = schema
        self.names = schema.names
        self._blocks = FEATURES.resolve([block_id for block_id, _ in schema.blocks])
        self._columns = {name: column for column, (name, _) in enumerate(schema.signatures)}

    def vector(self, request: ScoreRequest, message: Message, findings: Sequence[Finding]) -> NDArray[np.float32]:
        """Shape (dim,). Findings count as log1p per signature; `signature-error` and the like are left out."""
        values: list[float] = []
        for block in self._blocks:
            facts = block.extract(request, message)
            values.extend(facts[name] for name in block.names)
        counts = np.zeros(len(self._columns))
        for name, count in Counter(finding.signature for finding in findings).items():
            if name in self._columns:
                counts[self._columns[name]] = count
        known = [finding for finding in findings if finding.signature in self._columns]
        worst = max((finding.severity for finding in known), default=Severity.INFO)
        tail = [float(np.log1p(len(known))), float(worst)]
        return np.concatenate([np.array(values), np.log1p(counts), tail]).astype(np.float32)
