"""Domain names as owners see them: organizational domain, free mail, Unicode form, look-alike skeleton."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import tldextract
from confusable_homoglyphs import confusables

from seg_ml.signatures.lists import bundled

_MAX_HOST = 253  # RFC 1035 §2.3.4

# Private suffixes count: `evil.github.io` belongs to its tenant, not to GitHub.
_extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, fallback_to_snapshot=True
)


@lru_cache(maxsize=16384)
def _split(host: str) -> tuple[str, str, str]:
    """Organizational domain in A-labels, its first label in Unicode, and the public suffix."""
    host = host.strip().rstrip(".").lower()[:_MAX_HOST]
    if is_ip(host):
        return host, "", ""
    host = to_ascii(host)
    found = _extract.extract_str(host)
    if found.suffix:
        domain = found.top_domain_under_public_suffix
        return domain or host, to_unicode(found.domain), found.suffix
    # A suffix that the list does not know counts as one label (the list's own default rule).
    labels = host.rsplit(".", 2)[-2:]
    return ".".join(labels), to_unicode(labels[0]), ""


def organizational_domain(host: str) -> str:
    """The registrable domain of a host in A-labels; an address or a bare suffix stands for itself.

    Source: RFC 9989 §4.10, with the bundled public suffix list in place of the DNS tree walk.
    """
    return _split(host)[0]


def names_of(host: str) -> Iterator[str]:
    """A host and the names above it, as far as its owner's domain: `a.b.example.org`, `b.example.org`, ..."""
    domain = organizational_domain(host)
    name = to_ascii(host.strip().rstrip(".").lower()[:_MAX_HOST])
    while name != domain and name.endswith(domain):
        yield name
        name = name.partition(".")[2]
    yield domain


def registrable_label(host: str) -> str:
    """The label that an owner chose: `paypal` of `www.paypal.co.uk`; in Unicode, empty for addresses."""
    return _split(host)[1]


def public_suffix(host: str) -> str:
    """`co.uk` of `www.paypal.co.uk`; empty where there is none."""
    return _split(host)[2]


def is_ip(host: str) -> bool:
    """Whether a host is an IP address, bracketed or bare."""
    if ":" not in host and not host[-1:].isdigit():
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_free_mail(domain: str) -> bool:
    """Whether anyone may open a mailbox there."""
    return domain in bundled("free_mail.txt")


def is_free_host(host: str) -> bool:
    """Whether anyone may publish there at once, under a name of that host."""
    return is_under(host, "free_hosts.txt")


def is_under(host: str, name: str) -> bool:
    """Whether a bundled list has a host, or one of the three names above it."""
    labels = host.split(".")
    return not bundled(name).isdisjoint(".".join(labels[at:]) for at in range(max(0, len(labels) - 4), len(labels)))


@lru_cache(maxsize=8192)
def to_ascii(host: str) -> str:
    """A-labels of a host; what IDNA refuses stays as it is."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


@lru_cache(maxsize=8192)
def to_unicode(host: str) -> str:
    """U-labels of a host; what punycode refuses stays as it is."""
    return ".".join(_label_to_unicode(label) for label in host.split("."))


def _label_to_unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


_DIGITS = str.maketrans("013457@$|!", "oleastasli")


def fold(text: str) -> str:
    """Text in plain lower-case letters as an eye reads it: compatibility forms, accents and look-alikes folded.

    Digits stay; use `skeleton` for names in which `1` may pose as `l`.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text[:4096]).translate(_FOLDED).lower()


class _Folding(dict[int, str]):
    """What each character is folded to, found out at its first use, up to a bound."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_mark = unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn")
        folded = "" if is_mark else character if character.isascii() else _latin(character)
        if len(self) < _MAX_FOLDED:
            self[code] = folded
        return folded


_MAX_FOLDED = 16_384
_FOLDED = _Folding()


@lru_cache(maxsize=16384)
def skeleton(label: str) -> str:
    """What a hurried reader takes a label for: `fold`, then digits and letter pairs as what they resemble.

    Two labels of one skeleton look alike: `paypa1`, `раураl`, `paypaI` and `paypal`.
    """
    # Capital I poses as l; after lower-casing it would be an i, so both become l.
    folded = fold(label.replace("I", "l")).translate(_DIGITS)
    return folded.replace("rn", "m").replace("vv", "w").replace("i", "l")


@lru_cache(maxsize=4096)
def _latin(character: str) -> str:
    if character == "\u04cf":
        return "l"  # palochka: the table says i, every font draws an l
    found = confusables.is_confusable(character, greedy=True, preferred_aliases=[])
    for glyph in found[0]["homoglyphs"] if found else ():
        if glyph["c"].isascii() and glyph["c"].isalnum():
            return str(glyph["c"])
    return character
