"""Signature `attachment-link`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.lookalikes import find_lookalike
from seg_ml.signatures.pdf import pdf_facts
from seg_ml.signatures.urls import Url, unwrap


@signature(
    "attachment-link",
    version=1,
    attack="T1566.001",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Credential Phishing",
    tactic="Link in attachment",
)
class AttachmentLink(Detector):
    """A link inside an attached PDF leads where no link of the text would pass: an address, a look-alike, a free host.

    Source: ATT&CK T1566.001; the one-page PDF with a button.
    Benign twin: a PDF that links to the sender's own domain.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file and host."""
        own = organizational_domain(message.author.domain)
        for part in files_of(message):
            seen: set[str] = set()
            for url in _links(part):
                if url.domain == own or url.host in seen:
                    continue
                seen.add(url.host)
                found = self._judge(url)
                if found is not None:
                    yield self.finding(f"{part.filename or 'a PDF'} links to {url.host}, {found[1]}", severity=found[0])

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


def _links(part: Part) -> Iterator[Url]:
    if magic(part.content) == "pdf":
        for target in pdf_facts(part.content).links:
            url = unwrap(target)
            if url is not None and url.is_web:
                yield url
