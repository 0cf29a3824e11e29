"""Signature `known-indicator`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.attached_links import attached_links
from seg_ml.signatures.barcodes import barcode_links
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.indicators import gravity, of_host, of_link, sources
from seg_ml.signatures.intel_store import IntelStore, Kind
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings
from seg_ml.signatures.urls import Url, web_links

_SURFACE = {Kind.SHA256: Surface.ATTACHMENT, Kind.URL: Surface.LINK}
_MAX_LINKS = 200


@signature(
    "known-indicator",
    version=2,
    attack="T1566",
    severity=Severity.CRITICAL,
    surface=Surface.IDENTITY,
    attack_type="Malware/Ransomware",
    tactic="Threat intelligence",
)
class KnownIndicator(Detector):
    """A link, sender, client or file is an indicator in the threat-intelligence store.

    Source: the feeds that `seg-ml intel update` read; silent without a store.
    Benign twin: what is expired or muted, and other pages of a host of which one page is listed.
    """

    def __init__(self, settings: SignatureSettings = DEFAULT_SETTINGS) -> None:
        super().__init__(settings)
        self._store = IntelStore(settings.intel_store) if settings.intel_store is not None else None

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per indicator, graver for exact pages and files than for hosts and addresses."""
        seen: set[tuple[Kind, str]] = set()
        for kind, value in _values(request, message, self.settings) if self._store is not None else ():
            if (kind, value) not in seen:
                seen.add((kind, value))
                yield from self._look_up(kind, value)

    def _look_up(self, kind: Kind, value: str) -> Iterable[Finding]:
        found = self._store.find(kind, value) if self._store is not None else ()
        if found:
            surface = _SURFACE.get(kind, Surface.IDENTITY)
            yield self.finding(f"{kind} {value}: {sources(found)}", severity=gravity(kind, found), surface=surface)


def _values(request: ScoreRequest, message: Message, settings: SignatureSettings) -> Iterator[tuple[Kind, str]]:
    for _, url in web_links(message)[:_MAX_LINKS]:
        yield from of_link(url)
    for _, url in islice(_unseen_links(message, settings), _MAX_LINKS):
        yield from of_link(url)
    for mailbox in (*message.header_from[:5], *message.reply_to[:5]):
        if mailbox.domain:
            yield Kind.EMAIL, mailbox.addr_spec
            yield from of_host(mailbox.domain)
    if request.envelope.client_ip:
        yield Kind.IP, request.envelope.client_ip
    for part in files_of(message, settings.archives):
        yield Kind.SHA256, hashlib.sha256(part.content).hexdigest()


def _unseen_links(message: Message, settings: SignatureSettings) -> Iterator[tuple[Part, Url]]:
    """Links of which the text says nothing: inside attachments and in QR codes."""
    return chain(barcode_links(message, settings.archives), attached_links(message, settings.archives))
