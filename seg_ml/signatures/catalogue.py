"""The catalogue of detectors, the decorator that fills it, and the class that they derive from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from seg_ml.domain.catalogue import Catalogue
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings


class Detector(ABC):
    """A signature: looks at one message and reports. Holds no state between messages.

    `severity` is the highest that it reports; a single finding may say less.
    """

    id: ClassVar[str]
    version: ClassVar[int]
    severity: ClassVar[Severity]
    surface: ClassVar[Surface]
    attack: ClassVar[str]
    attack_type: ClassVar[str]
    tactic: ClassVar[str]
    description: ClassVar[str]

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        self.settings = settings

    @abstractmethod
    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """Findings for one message, none where there is nothing to say."""

    def finding(self, evidence: str, *, severity: Severity | None = None, surface: Surface | None = None) -> Finding:
        """A finding of this signature; severity and surface are the declared ones unless given."""
        return Finding(
            signature=self.id,
            severity=self.severity if severity is None else severity,
            evidence=evidence,
            surface=self.surface if surface is None else surface,
        )


D = TypeVar("D", bound=type[Detector])

CATALOGUE: Catalogue[type[Detector]] = Catalogue("signature", "seg_ml.signatures.detectors")


def signature(
    signature_id: str,
    *,
    version: int,
    attack: str,
    severity: Severity,
    surface: Surface,
    attack_type: str,
    tactic: str,
) -> Callable[[D], D]:
    """Register a detector under its id. Its description is the first line of its docstring.

    `attack` is a MITRE ATT&CK technique, empty for findings that speak for a message. `version` rises
    when the same message may get other findings than before: a model is trained on them.

    Raises:
        ConfigError: another detector has this id.
    """

    def register(cls: D) -> D:
        cls.id, cls.version, cls.severity, cls.surface = signature_id, version, severity, surface
        cls.attack, cls.attack_type, cls.tactic = attack, attack_type, tactic
        cls.description = (cls.__doc__ or "").strip().partition("\n")[0]
        CATALOGUE.register(signature_id, cls)
        return cls

    return register
