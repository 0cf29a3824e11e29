"""Signature `callback-phishing`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import is_free_mail, organizational_domain
from seg_ml.signatures.intents import intent, quoted, words_of
from seg_ml.signatures.urls import web_links

_TELEPHONE = re.compile(r"(?<![\w.,])\+?\(?\d{1,4}\)?(?:[ \u00a0.()-]{0,3}\d{2,5}){2,4}(?!\w)")
_MAX_TEXT = 6000


@signature(
    "callback-phishing",
    version=2,
    attack="T1566.004",
    severity=Severity.MEDIUM,
    surface=Surface.BODY,
    attack_type="Callback Phishing",
    tactic="Social engineering: bill",
)
class CallbackPhishing(Detector):
    """A bill for something that nobody ordered gives a telephone number to object, written or behind a link.

    Source: ATT&CK T1566.004; the "renewal" letters that lead to a call centre.
    Benign twin: a receipt with links of the seller's own domain and its number in the footer.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding: bill, objection and call, and a number to call."""
        text = f"{message.subject}\n{message.text}"[:_MAX_TEXT]
        found = intent(self.id).match(words_of(text))
        if len(found) < 3 or _links_to_own_domain(message):
            return
        numbers = (*_dialled(message), *(match.group() for match in _TELEPHONE.finditer(text)))
        number = next((number for number in numbers if _is_number(number)), None)
        if number is not None:
            yield self.finding(f"to be called: {number.strip()}; {quoted(found, each=1)}")


def _dialled(message: Message) -> Iterable[str]:
    """Numbers that a telephone dials at a touch, whatever the text above them says (RFC 3966)."""
    targets = (link.target.strip() for link in message.links)
    return (unquote(target[4:304]).partition(";")[0] for target in targets if target[:4].lower() == "tel:")


def _is_number(candidate: str) -> bool:
    return 9 <= sum(c.isdigit() for c in candidate) <= 15


def _links_to_own_domain(message: Message) -> bool:
    own = organizational_domain(message.author.domain)
    return bool(own) and not is_free_mail(own) and any(url.domain == own for _, url in web_links(message))
