"""The seams of the system: what a plug-in of each kind has to offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Verdict


@runtime_checkable
class Signature(Protocol):
    """A detector: looks at one message and reports. Stateless between messages."""

    id: str
    version: int
    severity: Severity
    attack: str

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """Findings for one message, none where there is nothing to say."""
        ...


@runtime_checkable
class FeatureBlock(Protocol):
    """A named group of numbers: raw facts first, a fixed order of names always."""

    id: str
    version: int
    names: tuple[str, ...]
    directions: Mapping[str, int]
    """1 where more of a column never speaks for a message, -1 where it never speaks against it; else missing."""

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One finite value per name in `names`."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """Whatever gives verdicts: the model in process, or a client of its service."""

    def score(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        """One verdict per request, in order; a message's verdict does not depend on its neighbours."""
        ...


class LabelledMail(Protocol):
    """One message of a corpus."""

    raw: bytes
    label: str


class Corpus(Protocol):
    """A labelled source of raw messages."""

    id: str

    def messages(self) -> Iterator[LabelledMail]:
        """Every message, in a fixed order."""
        ...
