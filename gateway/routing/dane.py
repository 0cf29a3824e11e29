"""TLSA records against the certificates that a mail server shows (RFC 6698, RFC 7671, RFC 7672 §3)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from gateway.authentication.resolver import Resolver

DANE_TA, DANE_EE = 2, 3
LONGEST_CHAIN = 10
_DIGESTS = {1: hashlib.sha256, 2: hashlib.sha512}
_UNREADABLE = (ValueError, UnsupportedAlgorithm, InvalidSignature, TypeError)


class Mismatch(Exception):
    """The server's certificates are not those that its domain published."""


@dataclass(frozen=True, slots=True)
class Tlsa:
    """One record. Usages 0 and 1 lean on authorities that mail servers do not share: unusable (RFC 7672 §3.1.3)."""

    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def usable(self) -> bool:
        """Whether a certificate can be held against it."""
        length = _DIGESTS[self.matching]().digest_size if self.matching in _DIGESTS else None
        known = self.usage in (DANE_TA, DANE_EE) and self.selector in (0, 1) and self.matching in (0, 1, 2)
        return known and bool(self.data) and length in (None, len(self.data))

    def matches(self, certificate: x509.Certificate) -> bool:
        """Whether it names this certificate, or this key."""
        if self.selector == 0:
            content = certificate.public_bytes(Encoding.DER)
        else:
            content = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digest = _DIGESTS.get(self.matching)
        return (digest(content).digest() if digest else content) == self.data


def tlsa(resolver: Resolver, host: str, port: int) -> tuple[Tlsa, ...]:
    """The host's records, none where DNSSEC does not vouch for them.

    Raises:
        DnsFailure: nobody answered. A record may be kept from us, so the host must not be used (RFC 7672 §2.1.2).
    """
    answers, secure = resolver.ask(f"_{port}._tcp.{host}", "TLSA")
    records = (Tlsa(*answer) for answer in answers if isinstance(answer, tuple))
    return tuple(records) if secure else ()


def check(records: Sequence[Tlsa], chain: Sequence[bytes], names: Sequence[str]) -> None:
    """Hold a chain, the server's own certificate first, against the records; one that matches is enough.

    `names` are the host's and the recipient domain's, for usage 2. Usage 3 binds the key itself: neither names
    nor dates of the certificate count (RFC 7672 §3.1.1).

    Raises:
        Mismatch: none matches.
    """
    try:
        certificates = [x509.load_der_x509_certificate(item) for item in chain[:LONGEST_CHAIN]]
        if not certificates or not any(_holds(record, certificates, names) for record in records if record.usable):
            raise Mismatch("no TLSA record matches")
    except _UNREADABLE as error:
        raise Mismatch(f"unreadable certificate: {type(error).__name__}") from error


def _holds(record: Tlsa, chain: Sequence[x509.Certificate], names: Sequence[str]) -> bool:
    if record.usage == DANE_EE:
        return record.matches(chain[0])
    anchors = [place for place, certificate in enumerate(chain) if place and record.matches(certificate)]
    return any(_leads_to(chain[: place + 1], name) for place in anchors for name in names)


def _leads_to(chain: Sequence[x509.Certificate], name: str) -> bool:
    """Whether the chain holds up to its last certificate, and the first is for this name."""
    if not all(_issued(lower, upper) for lower, upper in pairwise(chain)):
        return False
    verifier = PolicyBuilder().store(Store([chain[-1]])).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(chain[0], list(chain[1:-1]))
    except VerificationError:
        return False
    return True


def _issued(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    try:
        lower.verify_directly_issued_by(upper)
    except _UNREADABLE:
        return False
    return True
