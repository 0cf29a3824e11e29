"""One message as a model reads it. Training, notebooks, evaluation and serving all come through here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding
from seg_ml.features.vector import FeatureSchema, Vectorizer
from seg_ml.mail.limits import DEFAULT_LIMITS, Limits
from seg_ml.mail.parse import parse
from seg_ml.mail.sender_side import strip_recipient_side
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.text.reading import reading_text
from seg_ml.text.tokens import tokens


@dataclass(frozen=True, slots=True)
class Reading:
    """`vector` (dim,) of findings and numeric features, `tokens` for linear models, `text` for the transformer."""

    findings: tuple[Finding, ...]
    vector: NDArray[np.float32]
    tokens: list[str]
    text: str


class Reader:
    """Bytes and session facts to a `Reading`; what the recipient's side wrote is taken away first."""

    def __init__(self, schema: FeatureSchema, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.engine = SignatureEngine.from_ids([name for name, _ in schema.signatures])
        schema.check(self.engine.versions)
        self.vectorizer = Vectorizer(schema)

    @classmethod
    def current(cls, features: Sequence[str], signatures: Sequence[str]) -> Reader:
        """A reader of these feature blocks and signatures, as they are in this checkout."""
        versions = SignatureEngine.from_ids(signatures).versions
        return cls(FeatureSchema.current(features, versions))

    def read(self, request: ScoreRequest) -> Reading:
        """Read one message; never raises on its content."""
        request, message = self._parsed(request)
        findings, vector = self._vector(request, message)
        return Reading(findings, vector, tokens(message), reading_text(message))

    def read_twice(self, request: ScoreRequest) -> tuple[Reading, NDArray[np.float32]]:
        """Read one message, and the vector (dim,) of the same bytes where nothing is known of their session."""
        request, message = self._parsed(request)
        findings, vector = self._vector(request, message)
        _, blind = self._vector(ScoreRequest(request.raw), message)
        return Reading(findings, vector, tokens(message), reading_text(message)), blind

    def _parsed(self, request: ScoreRequest) -> tuple[ScoreRequest, Message]:
        request = replace(request, raw=strip_recipient_side(request.raw))
        return request, parse(request.raw, self.limits)

    def _vector(self, request: ScoreRequest, message: Message) -> tuple[tuple[Finding, ...], NDArray[np.float32]]:
        findings = self.engine.inspect(request, message)
        return findings, self.vectorizer.vector(request, message, findings)
