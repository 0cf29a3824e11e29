"""Signature `link-mailto-lure`."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import is_free_mail, organizational_domain
from seg_ml.signatures.identity import list_domain, shown_sender

_LIST_WORDS = ("subscribe", "remove", "help", "opt-out", "optout", "abmelden", "desabonn", "confirm", "unjoin")
_MAX_TARGET = 2000


@signature(
    "link-mailto-lure",
    version=1,
    attack="T1598",
    severity=Severity.MEDIUM,
    surface=Surface.LINK,
    attack_type="BEC/Fraud",
    tactic="Social engineering: reply",
)
class LinkMailtoLure(Detector):
    """A link writes a prepared mail to a stranger: whoever sends it has told the sender that somebody reads.

    Source: ATT&CK T1598; RFC 6068.
    Benign twin: unsubscribe links of lists, and a prepared mail to the sender's own organization.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per address; low where the address is no free mailbox."""
        own = {organizational_domain(shown_sender(message).domain), list_domain(message)}
        seen: set[str] = set()
        for link in message.links:
            if link.target[:7].lower() != "mailto:":
                continue
            address, _, query = link.target[7:_MAX_TARGET].partition("?")
            address = unquote(address).strip().lower()
            domain = address.rpartition("@")[2]
            if not _is_prepared(query, address) or organizational_domain(domain) in own or address in seen:
                continue
            seen.add(address)
            yield self.finding(
                f"the link {link.text.strip()[:40]!r} writes a prepared mail to {address}",
                severity=Severity.MEDIUM if is_free_mail(domain) else Severity.LOW,
            )


def _is_prepared(query: str, address: str) -> bool:
    fields = {name.lower(): value.lower() for name, value in parse_qsl(query, max_num_fields=20)}
    if not fields.keys() & {"subject", "body", "cc"}:
        return False
    words = f"{address} {fields.get('subject', '')} {fields.get('body', '')[:200]}"
    return not any(word in words for word in _LIST_WORDS)
