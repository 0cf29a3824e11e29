"""Signature `brand-impersonation`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import Brand, BrandTable, brand_table
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.identity import list_domain, shown_sender
from seg_ml.signatures.intents import words_of
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.urls import read_url, web_links

_MANY = 3
_PICTURES = "pictures from its servers"
_LABEL = "the text of a picture"
_SHOWN = frozenset({"name", "subject", "mailbox", _PICTURES, _LABEL})
_FIRST_PICTURES = 2
"""Pictures from the top: a letterhead. Further down stand the icons of social networks, in anybody's mail."""

_ALTERNATIVE = re.compile(
    r"<img\b[^<>]{0,2000}?\balt\s{0,3}=\s{0,3}(?:\"([^\"<>]{2,60})\"|'([^'<>]{2,60})')", re.IGNORECASE
)
_LOGO = re.compile(r"\blogo(?:typ|tipo|type)?\b", re.IGNORECASE)
_MAX_WORDS = 3000


@signature(
    "brand-impersonation",
    version=3,
    attack="T1656",
    severity=Severity.HIGH,
    surface=Surface.IDENTITY,
    attack_type="Credential Phishing",
    tactic="Impersonation: brand",
)
class BrandImpersonation(Detector):
    """The mail speaks as a brand, and neither its sender nor its links belong to that brand.

    Claims counted: the name in subject, sender's name or mailbox; the brand's signature, salutation or copyright
    in the text; pictures fetched from its servers, or whose alternative text is its name or its logo; the name again
    and again.
    Source: ATT&CK T1656; claimed against proven identity.
    Benign twin: the brand's own mail, mail that discusses a brand, and mail whose links lead to it.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding, for the brand that is claimed most; milder in mail that says it comes from a list."""
        links = [url for _, url in web_links(message)]
        table = brand_table(self.settings)
        claims = _claims(table, message)
        for brand, found in sorted(claims.items(), key=lambda item: -len(item[1])):
            owned = sum(brand.owns(url.host) for url in links)
            if not _is_claimed(found) or not links or 2 * owned >= len(links) or _is_own(brand, message):
                continue
            evidence = (
                f"claims {brand.name} by {', '.join(found)}; sent by {shown_sender(message).addr_spec or 'nobody'}"
            )
            yield self.finding(
                f"{evidence}, {owned} of {len(links)} links are the brand's", severity=_severity(message, found)
            )
            return


def _is_claimed(found: list[str]) -> bool:
    """Whether the mail speaks as the brand: a subject, a picture and a text about it are what news is made of."""
    return len(found) >= 2 and any(
        claim not in ("subject", _LABEL) and not claim.startswith("its name") for claim in found
    )


def _severity(message: Message, found: list[str]) -> Severity:
    spoken = any(claim.startswith("its voice") for claim in found)
    shown = any(claim in _SHOWN for claim in found)
    if list_domain(message) or not (spoken and shown):
        return Severity.LOW
    return Severity.HIGH if len(found) >= 4 else Severity.MEDIUM


def _is_own(brand: Brand, message: Message) -> bool:
    domain = shown_sender(message).domain
    return brand.owns(domain) or organizational_domain(domain) in brand.domains


def _claims(table: BrandTable, message: Message) -> dict[Brand, list[str]]:
    claims: dict[Brand, list[str]] = {}
    author = shown_sender(message)
    for where, text in (("name", author.display_name), ("subject", message.subject), ("mailbox", author.addr_spec)):
        for claim in table.claims(text.replace("@", " ").replace("_", " ") if where == "mailbox" else text):
            claims.setdefault(claim.brand, []).append(where)
    for brand, where in _in_text(table, message):
        claims.setdefault(brand, []).append(where)
    for brand in _pictured(table, message):
        claims.setdefault(brand, []).append(_PICTURES)
    for brand in _labelled(table, message):
        claims.setdefault(brand, []).append(_LABEL)
    return claims


def _in_text(table: BrandTable, message: Message) -> Iterable[tuple[Brand, str]]:
    words = words_of(message.text)[:_MAX_WORDS]
    counts: Counter[Brand] = Counter()
    voices: dict[Brand, str] = {}
    for start, end, brand in table.spans(words):
        voice = _voice(words, start, end)
        if voice:
            voices.setdefault(brand, voice)
        if voice or not brand.common:
            counts[brand] += 1
    yield from ((brand, f"its voice ({voice!r})") for brand, voice in voices.items())
    yield from ((brand, f"its name {count} times") for brand, count in counts.items() if count >= _MANY)


def _voice(words: tuple[str, ...], start: int, end: int) -> str:
    """The words around a name with which a firm speaks of itself: "your PayPal account", "the Apple team"."""
    before = words[start - 1] if start else ""
    after = words[end] if end < len(words) else ""
    if before in bundled("voice_before.txt") and after in bundled("voice_after.txt"):
        return " ".join(words[start - 1 : end + 1])
    if after in bundled("voice_signing.txt"):
        return " ".join(words[start : end + 1])
    # "(c) 2024 PayPal": the year stands between.
    mark = words[start - 2] if start > 1 and before.isdigit() else before
    if mark in bundled("voice_copyright.txt"):
        return " ".join(words[max(0, start - 2) : end])
    return ""


def _labelled(table: BrandTable, message: Message) -> Iterable[Brand]:
    pages = (part.text for part in message.parts if part.content_type == "text/html" and not part.is_attachment)
    found: dict[Brand, None] = {}
    for page in pages:
        for match in islice(_ALTERNATIVE.finditer(page or ""), _FIRST_PICTURES):
            claims = table.claims(_LOGO.sub(" ", match.group(1) or match.group(2)))
            found.update((claim.brand, None) for claim in claims if claim.whole)
    return found


def _pictured(table: BrandTable, message: Message) -> Iterable[Brand]:
    hosts = {url.host for link in message.links if link.kind == "image" and (url := read_url(link.target))}
    return dict.fromkeys(brand for host in sorted(hosts)[:50] if (brand := table.owner(host)) is not None)
