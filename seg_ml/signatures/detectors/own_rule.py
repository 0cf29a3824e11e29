"""Signature `own-rule`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import CATALOGUE, Detector, signature
from seg_ml.signatures.own_rules import Rule, rules_of
from seg_ml.signatures.own_rules_fields import Facts
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings


@signature(
    "own-rule",
    version=1,
    attack="T1566",
    severity=Severity.CRITICAL,
    surface=Surface.BODY,
    attack_type="Own rule",
    tactic="Own rule",
)
class OwnRule(Detector):
    """A rule that an analyst wrote in YAML holds; its severity and description are the finding's.

    Source: the files named in the settings; silent without.
    Benign twin: each rule's own tests, run by `seg-ml rules test`.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        self._rules = [rule for path in settings.rule_files for rule in rules_of(path)]
        self._asked = _detectors(self._rules, self.id, settings)

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per rule that holds, in the order of the files."""
        if not self._rules:
            return
        found = frozenset(f.signature for detector in self._asked for f in detector.inspect(request, message))
        facts = Facts(request, message, found, self.settings.archives)
        for rule in self._rules:
            if rule.when.holds(facts):
                yield self.finding(f"rule {rule.id}: {rule.description}", severity=rule.severity)


def _detectors(rules: list[Rule], own_id: str, settings: SignatureSettings) -> tuple[Detector, ...]:
    """Detectors whose findings the rules ask about: a rule sees the same findings wherever it runs."""
    ids = sorted({signature_id for rule in rules for signature_id in rule.signatures})
    if own_id in ids:
        raise ConfigError(f"a rule asks about {own_id!r}, which would be itself")
    return tuple(cls(settings) for cls in CATALOGUE.resolve(ids)) if ids else ()
