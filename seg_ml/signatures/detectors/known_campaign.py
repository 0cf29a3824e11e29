"""Signature `known-campaign`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.campaigns import CampaignStore
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings


@signature(
    "known-campaign",
    version=1,
    attack="T1566",
    severity=Severity.HIGH,
    surface=Surface.BODY,
    attack_type="Credential Phishing",
    tactic="Known campaign",
)
class KnownCampaign(Detector):
    """The body shares most of its wording with a body that was confirmed bad.

    Source: bodies that `seg-ml intel campaign add` stored (MinHash); silent without a store.
    Benign twin: other mail about the same things, and bodies of a few words.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        self._store = CampaignStore(settings.campaign_store) if settings.campaign_store is not None else None

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: the nearest body."""
        nearest = self._store.nearest(message.text) if self._store is not None else None
        if nearest is not None and nearest.share >= self.settings.campaign_share:
            yield self.finding(f"{nearest.share:.0%} of the wording of {nearest.name!r}, confirmed {nearest.added}")
