"""DKIM (RFC 6376) and ARC (RFC 8617) by dkimpy. Keys are looked up first; verifying needs no network.

So verifying, which runs over the whole of a hostile message, can happen in a worker process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import dkim

from gateway.authentication.fields import values

MOST_SIGNATURES = 5
MOST_ARC_SETS = 5
Keys = Mapping[str, bytes | None]
"""TXT record per key name; an empty one for "none", `None` where DNS gave no answer."""
_TAG = re.compile(rb"(?:^|;)\s*([sdhal])\s*=\s*([^;]*)")


@dataclass(frozen=True, slots=True)
class SignatureResults:
    """`dkim` and `arc` in the words of RFC 8601; `domains` passed; `unsure` could not be checked for want of DNS."""

    dkim: str
    domains: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    arc: str = "none"


def key_names(raw: bytes) -> list[str]:
    """Names of the TXT records that verifying will ask for, each once, bounded."""
    signed = values(raw, b"dkim-signature")[:MOST_SIGNATURES]
    sealed = [*values(raw, b"arc-seal")[:MOST_ARC_SETS], *values(raw, b"arc-message-signature")[:MOST_ARC_SETS]]
    names = (_key_name(_tags(value)) for value in [*signed, *sealed])
    return list(dict.fromkeys(name for name in names if name))


def verify(raw: bytes, keys: Keys) -> SignatureResults:
    """Check every signature. Never raises on content."""
    signed = values(raw, b"dkim-signature")
    found = [_verify_one(raw, number, keys) for number in range(min(len(signed), MOST_SIGNATURES))]
    domains = [_domain(value) for value in signed]
    passed = tuple(dict.fromkeys(d for d, result in zip(domains, found, strict=False) if result == "pass"))
    unsure = tuple(d for d, result in zip(domains, found, strict=False) if result == "temperror")
    overall = next((r for r in ("pass", "temperror", "fail", "permerror") if r in found), "none")
    return SignatureResults(overall, passed, unsure, _verify_arc(raw, keys))


def _verify_one(raw: bytes, number: int, keys: Keys) -> str:
    tags = _tags(values(raw, b"dkim-signature")[number])
    if keys.get(_key_name(tags), b"") is None:
        return "temperror"
    # RFC 8301 forbids SHA-1; a body signed in part (l=) can be continued by anyone (RFC 6376 §8.2).
    if tags.get("a", "").lower() == "rsa-sha1" or "l" in tags or "from" not in _signed_fields(tags):
        return "permerror"
    try:
        return "pass" if dkim.DKIM(raw, logger=_Silent()).verify(number, dnsfunc=_from(keys)) else "fail"
    except dkim.ValidationError:
        return "fail"
    except Exception:
        # dkimpy raises what comes, IndexError among it, on malformed headers: to the reader no valid signature.
        return "permerror"


def _verify_arc(raw: bytes, keys: Keys) -> str:
    sets = values(raw, b"arc-seal")
    if not sets:
        return "none"
    if len(sets) > MOST_ARC_SETS or any(keys.get(_key_name(_tags(value)), b"") is None for value in sets):
        return "fail" if len(sets) > MOST_ARC_SETS else "temperror"
    try:
        result, _, _ = dkim.ARC(raw, logger=_Silent()).verify(dnsfunc=_from(keys))
    except Exception:
        return "permerror"  # as above
    return "pass" if result == dkim.CV_Pass else "fail"


def _tags(value: bytes) -> dict[str, str]:
    """The few tags that are needed before verifying."""
    return {
        name.decode(): re.sub(r"\s", "", text.decode("ascii", "replace")) for name, text in _TAG.findall(value[:8192])
    }


def _signed_fields(tags: Mapping[str, str]) -> list[str]:
    return tags.get("h", "").lower().split(":")


def _domain(value: bytes) -> str:
    return _tags(value).get("d", "").lower()


def _key_name(tags: Mapping[str, str]) -> str:
    selector, domain = tags.get("s", ""), tags.get("d", "")
    return f"{selector}._domainkey.{domain}".lower() if selector and domain else ""


class _Silent:
    """dkimpy's logger writes addresses and keys."""

    def _nothing(self, *arguments: object) -> None:
        return

    debug = info = warning = error = _nothing


def _from(keys: Keys) -> object:
    def lookup(name: bytes, timeout: float = 5) -> bytes | None:
        return keys.get(name.decode("ascii", "replace").rstrip(".").lower())

    return lookup
