"""Signature `lookalike-domain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import to_unicode
from seg_ml.signatures.lookalikes import Lookalike, Trick, find_lookalike
from seg_ml.signatures.urls import web_links

_SEVERITY = {
    Trick.HOMOGLYPH: Severity.HIGH,
    Trick.SUBDOMAIN: Severity.HIGH,
    Trick.COMBINATION: Severity.MEDIUM,
    Trick.TYPO: Severity.MEDIUM,
    Trick.SUFFIX: Severity.MEDIUM,
    Trick.KEYBOARD: Severity.MEDIUM,
}


@signature(
    "lookalike-domain",
    version=3,
    attack="T1583.001",
    severity=Severity.HIGH,
    surface=Surface.IDENTITY,
    attack_type="Credential Phishing",
    tactic="Lookalike domain",
)
class LookalikeDomain(Detector):
    """A sender's or a link's domain imitates a brand's or the organization's own.

    Source: ATT&CK T1583.001; Unicode TS #39 (confusables); dnstwist's families of permutations, keys beside keys
    among them.
    Benign twin: every domain of the brand itself, and honest names that only share letters with one.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per imitating domain, senders before links."""
        seen: set[str] = set()
        for role, host in _hosts(request, message):
            if host in seen:
                continue
            seen.add(host)
            found = find_lookalike(self.settings, host)
            if found is not None:
                yield self.finding(
                    _describe(role, found),
                    severity=_SEVERITY[found.trick],
                    surface=Surface.LINK if role == "link" else Surface.IDENTITY,
                )


def _describe(role: str, found: Lookalike) -> str:
    return f"{role} domain {to_unicode(found.host)} imitates {found.brand.name} ({found.trick})"


def _hosts(request: ScoreRequest, message: Message) -> Iterator[tuple[str, str]]:
    for role, mailboxes in (("From", message.header_from), ("Reply-To", message.reply_to), ("Sender", message.sender)):
        yield from ((role, mailbox.domain) for mailbox in mailboxes[:20] if mailbox.domain)
    reverse_path = request.envelope.reverse_path or ""
    if "@" in reverse_path:
        yield "reverse-path", reverse_path.rpartition("@")[2].lower()
    yield from (("link", url.host) for _, url in web_links(message))
