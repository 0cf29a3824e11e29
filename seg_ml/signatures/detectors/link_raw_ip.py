"""Signature `link-raw-ip`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.urls import web_links


@signature(
    "link-raw-ip",
    version=1,
    attack="T1566.002",
    severity=Severity.HIGH,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Evasion: address for a name",
)
class LinkRawIp(Detector):
    """A link leads to an IP address instead of a name; worse where the address is written so that nobody reads it.

    Source: WHATWG URL §3.5 (hexadecimal, octal and 32-bit forms of an address); ATT&CK T1566.002.
    Benign twin: links into private networks, which administrators mail to each other.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per public address."""
        seen: set[str] = set()
        for _, url in web_links(message):
            if not url.is_address or url.host in seen:
                continue
            seen.add(url.host)
            disguised = url.written_host.strip("[]") != url.host and ":" not in url.host
            if disguised:
                yield self.finding(f"a link to {url.host} written as {url.written_host}")
            elif ipaddress.ip_address(url.host).is_global:
                yield self.finding(f"a link to the bare address {url.host}", severity=Severity.MEDIUM)
