"""SPF, DKIM, DMARC, ARC over a zone of our own: pass, fail, none and temperror, and who may not pass."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.authentication import iprev, signatures
from gateway.authentication.authenticator import Authenticator
from gateway.authentication.dmarc import organizational_domain
from gateway.authentication.fields import author_domain
from gateway.authentication.resolver import Answer, DnsFailure, DnsResolver, Zone
from gateway.authentication.signatures import SignatureResults
from seg_ml.domain.envelope import AuthenticationResults, Envelope

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
MAIL = b"From: Ann <ann@sender.example>\r\nTo: bob@house.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
RECORDS: dict[tuple[str, str], Answer] = {
    ("sender.example", "TXT"): (b"v=spf1 ip4:192.0.2.0/24 -all",),
    ("s1._domainkey.sender.example", "TXT"): (b"v=DKIM1; k=rsa; p=" + PUBLIC,),
    ("s1._domainkey.other.example", "TXT"): (b"v=DKIM1; k=rsa; p=" + PUBLIC,),
    ("_dmarc.sender.example", "TXT"): (b"v=DMARC1; p=reject; sp=quarantine",),
}
GOOD_IP, BAD_IP = "192.0.2.9", "198.51.100.9"


async def directly(function: Callable[..., Any], *arguments: Any) -> SignatureResults:
    result: SignatureResults = function(*arguments)
    return result


class SpfPass:
    """One result as the parser would give it."""

    method = "spf"

    def __str__(self) -> str:
        return "spf=pass smtp.mailfrom=sender.example"


def authenticate(
    raw: bytes, ip: str = BAD_IP, sender: str = "ann@sender.example", failing: frozenset[str] = frozenset(), **more: Any
) -> AuthenticationResults:
    zone = Zone(RECORDS | more.get("records", {}), failing)
    authenticator = Authenticator(zone, directly, deadline=20)
    envelope = Envelope(ip, "mail.sender.example", sender, ("bob@house.example",))
    try:
        return asyncio.run(authenticator.authenticate(raw, envelope))
    finally:
        authenticator.close()


def signed(raw: bytes = MAIL, domain: bytes = b"sender.example", **options: Any) -> bytes:
    signature: bytes = dkim.DKIM(raw).sign(b"s1", domain, PEM, canonicalize=(b"relaxed", b"relaxed"), **options)
    return signature + raw


def test_everything_passes() -> None:
    results = authenticate(signed(), GOOD_IP)
    assert (results.spf, results.spf_domain, results.dkim, results.dmarc) == ("pass", "sender.example", "pass", "pass")
    assert (results.dkim_domains, results.dmarc_policy, results.arc) == (("sender.example",), "reject", "none")


NAMED: dict[tuple[str, str], Answer] = {
    ("9.2.0.192.in-addr.arpa", "PTR"): ("host-9.line.example.", "mail.sender.example."),
    ("mail.sender.example", "A"): ("192.0.2.9",),
    ("9.100.51.198.in-addr.arpa", "PTR"): ("mail.sender.example.",),
    ("8.b.d.0.1.0.0.2.ip6.arpa", "PTR"): (),
}


@pytest.mark.parametrize(
    ("ip", "failing", "expected"),
    [
        ("192.0.2.9", frozenset(), ("pass", "mail.sender.example")),
        ("198.51.100.9", frozenset(), ("fail", "mail.sender.example")),
        ("203.0.113.5", frozenset(), ("permerror", None)),
        ("192.0.2.9", frozenset({"9.2.0.192.in-addr.arpa"}), ("temperror", None)),
        ("not an address", frozenset(), (None, None)),
    ],
)
def test_the_name_of_the_clients_address(
    ip: str, failing: frozenset[str], expected: tuple[str | None, str | None]
) -> None:
    assert iprev.check(Zone(NAMED, failing), ip) == expected
    if expected[0]:
        results = authenticate(MAIL, ip, records=NAMED, failing=failing)
        assert (results.iprev, results.client_name) == expected


def test_unsigned_mail_is_none_not_fail() -> None:
    results = authenticate(MAIL, GOOD_IP)
    assert (results.dkim, results.dmarc) == ("none", "pass")


def test_a_changed_body_fails() -> None:
    results = authenticate(signed().replace(b"noon", b"night"))
    assert (results.spf, results.dkim, results.dkim_domains, results.dmarc) == ("fail", "fail", (), "fail")


def test_another_domain_does_not_speak_for_the_author() -> None:
    results = authenticate(signed(domain=b"other.example"))
    assert (results.dkim, results.dkim_domains, results.dmarc) == ("pass", ("other.example",), "fail")


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        ("*", ("temperror", "temperror", "temperror")),
        ("_dmarc.sender.example", ("fail", "pass", "temperror")),
        ("s1._domainkey.sender.example", ("fail", "temperror", "temperror")),
        ("sender.example", ("temperror", "pass", "pass")),
    ],
)
def test_dns_failures_are_temperror(failing: str, expected: tuple[str, str, str]) -> None:
    results = authenticate(signed(), failing=frozenset({failing}))
    assert (results.spf, results.dkim, results.dmarc) == expected


def test_a_missing_key_and_a_partly_signed_body_do_not_pass() -> None:
    assert authenticate(signed(), records={("s1._domainkey.sender.example", "TXT"): ()}).dkim == "fail"
    assert authenticate(signed(length=True) + b"added later\r\n").dkim == "permerror"


@pytest.mark.parametrize(
    "header",
    [
        b"DKIM-Signature: nonsense\r\n",
        b"DKIM-Signature: v=1; d=sender.example; s=s1\r\n",
        b" folded first\r\nDKIM-Signature: d=a.example; s=b\r\n",
    ],
)
def test_broken_signatures_are_no_exception(header: bytes) -> None:
    assert authenticate(header + MAIL).dkim in ("permerror", "fail")


def test_the_null_reverse_path_is_checked_by_helo() -> None:
    records = {("mail.sender.example", "TXT"): (b"v=spf1 a -all",), ("mail.sender.example", "A"): (GOOD_IP,)}
    results = authenticate(MAIL, GOOD_IP, sender="", records=records)
    assert (results.spf, results.spf_domain, results.dmarc) == ("pass", "mail.sender.example", "pass")


def test_an_endless_include_is_permerror() -> None:
    assert (
        authenticate(MAIL, records={("sender.example", "TXT"): (b"v=spf1 include:sender.example -all",)}).spf
        == "permerror"
    )


def test_subdomains_and_strict_alignment() -> None:
    below = MAIL.replace(b"ann@sender.example", b"ann@news.sender.example")
    relaxed = authenticate(below, GOOD_IP)
    assert (relaxed.dmarc, relaxed.dmarc_policy) == ("pass", "quarantine")
    strict = {("_dmarc.sender.example", "TXT"): (b"v=DMARC1; p=reject; aspf=s; adkim=s; t=y",)}
    results = authenticate(below, GOOD_IP, records=strict)
    assert (results.dmarc, results.dmarc_policy) == ("fail", "quarantine")


def test_arc(monkeypatch: pytest.MonkeyPatch) -> None:
    # Sealing needs a parser of Authentication-Results that verifying does without.
    stamp = SimpleNamespace(authserv_id="relay.example", results=[SpfPass()])
    parser = SimpleNamespace(AuthenticationResultsHeader=SimpleNamespace(parse=lambda _: stamp))
    monkeypatch.setattr(dkim, "authres", parser, raising=False)
    results = b"Authentication-Results: relay.example; spf=pass smtp.mailfrom=sender.example\r\n"
    lines = dkim.ARC(results + MAIL).sign(b"s1", b"sender.example", PEM, b"relay.example")
    sealed = b"".join(lines) + results + MAIL
    assert authenticate(sealed).arc == "pass"
    assert authenticate(sealed.replace(b"noon", b"night")).arc == "fail"
    assert authenticate(sealed, failing=frozenset({"*"})).arc == "temperror"


@pytest.mark.parametrize(
    ("field", "domain"),
    [
        (b"From: a@example.org", "example.org"),
        (b"From: A <a@Example.ORG>", "example.org"),
        (b'From: "x@bank.example" <a@example.org>', "example.org"),
        (b"From: x@bank.example <a@example.org>", "example.org"),
        (b"From: (x@bank.example) a@example.org", "example.org"),
        (b'From: "a b"@example.org', "example.org"),
        ("From: a@bücher.example".encode(), "xn--bcher-kva.example"),
        (b"From: a@example.org, b@bank.example", None),
        (b"From: <a@example.org> <b@bank.example>", None),
        (b"From: a@example.org\r\nFrom: b@bank.example", None),
        (b"From: a@example.org\r\nno field\r\nfrom : b@bank.example", None),
        (b"From: a@b@bank.example", None),
        (b"From: undisclosed:;", None),
        (b"From: a@localhost", None),
        (b"Subject: none", None),
        (b"From: a@" + b"x" * 9000, None),
    ],
)
def test_the_author(field: bytes, domain: str | None) -> None:
    assert author_domain(field + b"\r\n\r\nbody\r\n") == domain


def test_two_authors_are_never_authenticated() -> None:
    assert authenticate(b"From: ceo@bank.example\r\n" + signed(), GOOD_IP).dmarc == "permerror"


def test_organizational_domain() -> None:
    assert organizational_domain("a.b.example.co.uk") == "example.co.uk"
    assert organizational_domain("co.uk") == "co.uk"


def test_key_names_are_bounded() -> None:
    many = b"".join(b"DKIM-Signature: d=d%d.example; s=s\r\n" % number for number in range(100))
    assert len(signatures.key_names(many + MAIL)) == 5


def test_silence_is_a_dns_failure() -> None:
    resolver = DnsResolver(["127.0.0.1"], timeout=0.2)
    with pytest.raises(DnsFailure):
        resolver.lookup("sender.example", "TXT")
