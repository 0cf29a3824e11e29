"""Signature `attachment-link`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.attached_links import attached_links
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.lookalikes import find_lookalike
from seg_ml.signatures.urls import Url


@signature(
    "attachment-link",
    version=2,
    attack="T1566.001",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Credential Phishing",
    tactic="Link in attachment",
)
class AttachmentLink(Detector):
    """A link inside an attachment leads where no link of the text would pass: an address, a look-alike, a free host.

    Source: ATT&CK T1566.001; the one-page PDF with a button. Read are PDF, HTML, Office files and attached messages.
    Benign twin: files that link to the sender's own domain.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file and host."""
        own = organizational_domain(message.author.domain)
        seen: set[tuple[str, str]] = set()
        for part, url in attached_links(message, self.settings.archives):
            if url.domain == own or (part.path, url.host) in seen:
                continue
            seen.add((part.path, url.host))
            found = self._judge(url)
            if found is not None:
                name = part.filename or f"part {part.path}"
                yield self.finding(f"{name} links to {url.host}, {found[1]}", severity=found[0])

    def _judge(self, url: Url) -> tuple[Severity, str] | None:
        imitation = find_lookalike(self.settings, url.host)
        if imitation is not None:
            return Severity.HIGH, f"which imitates {imitation.brand.name} ({imitation.trick})"
        if url.is_address:
            return Severity.MEDIUM, "a bare address"
        labels = url.host.split(".")
        suffixes = {".".join(labels[at:]) for at in range(max(0, len(labels) - 4), len(labels))}
        if suffixes & bundled("free_hosts.txt"):
            return Severity.MEDIUM, "a free host"
        return (Severity.LOW, "a shortener") if url.host in bundled("shorteners.txt") else None
