"""Signature `qr-link`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.barcodes import barcode_links
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.hosts import suspicion
from seg_ml.signatures.urls import Url

_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,400}={0,2}")


@signature(
    "qr-link",
    version=3,
    attack="T1566.002",
    severity=Severity.HIGH,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="QR code",
)
class QrLink(Detector):
    """A QR code leads away from the sender, out of sight of reader and filters.

    Source: ATT&CK T1566.002 ("quishing"); ISO/IEC 18004. Read are pictures that are attached, inline or in a PDF,
    what the first pages of a PDF draw, SVG in the text, attached or in an address, and codes of block characters, of
    the cells of a table or of coloured boxes.
    Benign twin: a code that leads to the sender's own domain, as on invoices and invitations; bars of block
    characters, tables and calendars with coloured cells, charts, and pages that draw lines.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per host; high for an imitation, an address, or a link that names the recipient."""
        own = organizational_domain(message.author.domain)
        recipients = _recipients(request, message)
        seen: set[str] = set()
        for part, url in barcode_links(message, self.settings.archives):
            if url.domain == own or url.host in seen:
                continue
            seen.add(url.host)
            severity, reason = self._judge(url, recipients)
            yield self.finding(
                f"a code in {part.filename or part.content_type} leads to {url.host}{reason}", severity=severity
            )

    def _judge(self, url: Url, recipients: frozenset[str]) -> tuple[Severity, str]:
        found = suspicion(url, self.settings)
        if found is not None:
            # Nobody prints an address; and who shortens a link in a code hides it twice.
            grave = found[0] is Severity.HIGH or url.is_address
            return (Severity.HIGH if grave else Severity.MEDIUM), f", {found[1]}"
        if any(recipient in form for form in _readings(url) for recipient in recipients):
            return Severity.HIGH, " and names the recipient"
        return Severity.LOW, ""


def _recipients(request: ScoreRequest, message: Message) -> frozenset[str]:
    listed = (*request.envelope.forward_paths, *(mailbox.addr_spec for mailbox in message.to))
    return frozenset(address.lower() for address in listed if "@" in address)


def _readings(url: Url) -> Iterator[str]:
    plain = unquote(url.href).lower()
    yield plain
    for match in list(_ENCODED.finditer(url.href))[:20]:
        word = match.group().replace("-", "+").replace("_", "/").rstrip("=")
        try:
            yield base64.b64decode(word + "=" * (-len(word) % 4)).decode("utf-8", "replace").lower()
        except binascii.Error:
            continue
