"""Signature `link-userinfo`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.urls import web_links


@signature(
    "link-userinfo",
    version=1,
    attack="T1566.002",
    severity=Severity.HIGH,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Evasion: userinfo",
)
class LinkUserinfo(Detector):
    """A host name stands before the `@` of a link, and the link leads to the host behind it.

    Source: RFC 3986 §7.6 (semantic attacks).
    Benign twin: a link with an account before the `@` (`https://git@host/`), and an `@` in the path.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per link whose user name looks like a host."""
        for _, url in web_links(message):
            name = url.username.replace("%2E", ".").lower()
            if "." in name and name.rpartition(".")[2].isalpha() and name != url.host:
                yield self.finding(f"the link shows {name}@ and leads to {url.host}")
