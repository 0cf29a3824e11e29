"""How the sender's program wrote the header: what honest programs never do, whatever the year."""

from __future__ import annotations

import re
from math import log1p

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Header, Message
from seg_ml.features.catalogue import feature
from seg_ml.signatures.domains import organizational_domain

_ENCODED = re.compile(r"=\?[^?\s]+\?([bq])\?", re.IGNORECASE)
_OUTLOOK = re.compile(r"microsoft outlook|outlook express", re.IGNORECASE)
_OUTLOOK_ID = re.compile(r"^<?(?:[0-9a-f]{8,16}\$[0-9a-f]{8}\$|[A-Z]{10,40}\.|[0-9A-F]{16,60}@|[A-Z0-9]{20,60}@)")
_REPLY = re.compile(r"^\s*(?:re|aw|sv|antw|rif|res)\s*:", re.IGNORECASE)
_FORWARD = re.compile(r"^\s*(?:fwd?|wg|tr|enc|rv)\s*:", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[0-9a-f]{12,}", re.IGNORECASE)
_LATIN = ("us-ascii", "ascii", "utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "latin1", "")


@feature(
    "header-form",
    version=2,
    names=(
        "id_missing",
        "id_dotless",
        "id_of_author",
        "id_length",
        "outlook_without_its_id",
        "no_recipient",
        "to_self",
        "addressee_named",
        "addressee_display",
        "subject_encoded",
        "subject_needlessly_encoded",
        "name_needlessly_encoded",
        "ascii_in_base64",
        "foreign_charset",
        "reply_without_reference",
        "forward",
        "subject_hex",
        "author_role",
        "recipients_alike",
    ),
    rising=(
        "id_missing outlook_without_its_id no_recipient subject_needlessly_encoded name_needlessly_encoded "
        "ascii_in_base64 reply_without_reference subject_hex recipients_alike"
    ),
)
class HeaderForm:
    """Flags 0 or 1; `id_length` as log1p. Only fields that a sender's own program writes are read."""

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        author, identifier = message.author, message.message_id.strip("<> ")
        id_host = identifier.rpartition("@")[2].lower()
        site = organizational_domain(author.domain) if author.domain else ""
        to = [box.addr_spec for box in (*message.to, *message.cc) if box.addr_spec]
        first = to[0].partition("@")[0] if to else ""
        shown = f"{message.subject}\n{message.text[:300]}".lower()
        mailer = message.header("x-mailer") or ""
        refers = bool(message.header("in-reply-to") or message.header("references"))
        reply = bool(_REPLY.match(message.subject))
        subject, sender = _raw(message, "subject"), _raw(message, "from")
        values = {
            "id_missing": not identifier,
            "id_dotless": bool(identifier) and "." not in id_host,
            "id_of_author": bool(site) and bool(id_host) and organizational_domain(id_host) == site,
            "id_length": log1p(len(identifier)),
            "outlook_without_its_id": bool(_OUTLOOK.search(mailer)) and not _OUTLOOK_ID.match(identifier),
            "no_recipient": not to,
            "to_self": author.addr_spec in to,
            "addressee_named": len(first) > 2 and first in shown,
            "addressee_display": bool(message.to) and bool(message.to[0].display_name),
            "subject_encoded": bool(_ENCODED.search(subject)),
            "subject_needlessly_encoded": _needless(subject, message.subject),
            "name_needlessly_encoded": _needless(sender, author.display_name),
            "ascii_in_base64": _ascii_in_base64(message),
            "foreign_charset": any((part.charset or "").lower() not in _LATIN for part in message.parts[:20]),
            "reply_without_reference": reply and not refers,
            "forward": bool(_FORWARD.match(message.subject)),
            "subject_hex": bool(_HEXADECIMAL.search(message.subject)),
            "author_role": author.addr_spec.startswith(("info@", "noreply@", "no-reply@", "support@", "admin@")),
            "recipients_alike": len(to) > 2 and len({address[:2] for address in to}) == 1,
        }
        return {name: float(value) for name, value in values.items()}


def _raw(message: Message, name: str) -> str:
    return next((header.raw for header in message.headers if header.name.lower() == name), "")


def _needless(raw: str, value: str) -> float:
    return float(bool(_ENCODED.search(raw)) and value.isascii())


def _ascii_in_base64(message: Message) -> bool:
    """Base64 around plain ASCII hides words from filters that read bytes."""
    header: Header | None = next((h for h in message.headers if h.name.lower() == "content-transfer-encoding"), None)
    coded = header is not None and "base64" in header.raw.lower()
    return coded and bool(message.text) and message.text[:2_000].isascii()
