"""Signature `link-text-mismatch`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Link, Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain, public_suffix
from seg_ml.signatures.urls import Url, unwrap, web_links

_SHOWN = re.compile(
    r"\s*(?P<scheme>https?://)?(?P<host>(?:[\w-]{1,63}\.){1,8}[a-z]{2,24})(?::\d+)?(?:[/?#]\S*)?\s*", re.IGNORECASE
)
_FILE_ENDINGS = frozenset(["zip", "py", "sh", "md", "pl", "rs", "ps", "so", "cc", "js", "mov", "app", "cab", "java"])
_MAX_TEXT = 500


@signature(
    "link-text-mismatch",
    version=1,
    attack="T1566.002",
    severity=Severity.MEDIUM,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Deceptive link text",
)
class LinkTextMismatch(Detector):
    """The text of a link shows one organization's address, and the link leads to another's.

    Source: ATT&CK T1566.002; SpamAssassin's SPOOFED_URL; redirectors that name their target are unwrapped.
    Benign twin: newsletters whose links pass a tracking host of the sender's own domain.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per link; milder where the sender's own name is shown, as trackers do."""
        own = organizational_domain(message.author.domain)
        for link, url in web_links(message):
            shown = _shown_domain(link)
            if shown and url.domain != shown and not self._same_owner(shown, url):
                severity = Severity.LOW if shown == own or url.domain == own else Severity.MEDIUM
                yield self.finding(
                    f"the link shows {link.text.strip()[:80]} and leads to {url.host}", severity=severity
                )

    def _same_owner(self, shown: str, url: Url) -> bool:
        owner = brand_table(self.settings).owner(shown)
        return owner is not None and owner.owns(url.host)


def _shown_domain(link: Link) -> str:
    """The organizational domain that a link's text shows, empty where the text is no address."""
    if link.kind != "anchor" or len(link.text) > _MAX_TEXT:
        return ""
    found = _SHOWN.fullmatch(link.text)
    if found is None:
        return ""
    host = found.group("host").lower()
    if found.group("scheme"):
        shown = unwrap(link.text.strip())
        return shown.domain if shown is not None else ""
    # Without a scheme "readme.md" is a file and "invoice.doc" is nothing; a host ends in a public suffix.
    suffix = public_suffix(host)
    is_host = host.startswith("www.") or (suffix and suffix not in _FILE_ENDINGS)
    return organizational_domain(host) if is_host else ""
