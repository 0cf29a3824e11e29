"""Signature `attachment-link`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.attached_links import attached_links
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.hosts import suspicion


@signature(
    "attachment-link",
    version=4,
    attack="T1566.001",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Credential Phishing",
    tactic="Link in attachment",
)
class AttachmentLink(Detector):
    """A link inside an attachment leads where no link of the text would pass: an address, a look-alike, a free host.

    Source: ATT&CK T1566.001; the one-page PDF with a button. Read are PDF, HTML, Office files, texts and shortcuts,
    and attached mail under any name.
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
            found = suspicion(url, self.settings)
            if found is not None:
                name = part.filename or f"part {part.path}"
                yield self.finding(f"{name} links to {url.host}, {found[1]}", severity=found[0])
