"""TLSA records against chains: what matches, what must not."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from gateway.authentication.resolver import Zone
from gateway.routing.dane import Mismatch, Tlsa, check, tlsa
from gateway.testing_tls import Authority

OURS, OTHERS = Authority(), Authority("Somebody else")
HOST, DOMAIN = "mx.there.example", "there.example"
LEAF = OURS.identity(HOST)
NAMES = (HOST, DOMAIN)


def holds(record: Tlsa, chain: tuple[bytes, ...] = LEAF.chain, names: tuple[str, ...] = NAMES) -> bool:
    try:
        check([record], chain, names)
    except Mismatch:
        return False
    return True


@pytest.mark.parametrize(
    "record",
    [
        Tlsa(3, 0, 0, LEAF.chain[0]),
        Tlsa(3, 0, 1, LEAF.sha256()),
        Tlsa(3, 0, 2, hashlib.sha512(LEAF.chain[0]).digest()),
        Tlsa(3, 1, 1, LEAF.key_sha256()),
        Tlsa(2, 0, 1, LEAF.sha256(1)),
        Tlsa(2, 0, 0, LEAF.chain[1]),
    ],
    ids=lambda record: f"{record.usage}{record.selector}{record.matching}-{len(record.data) > 32}",
)
def test_what_matches(record: Tlsa) -> None:
    assert record.usable and holds(record)
    assert holds(dataclasses.replace(record), (*LEAF.chain, OTHERS.identity("x.example").chain[1]))
    assert not holds(record, OTHERS.identity(HOST).chain)
    assert not holds(record, ())
    assert not holds(record, (b"no certificate",))


def test_usage_3_binds_the_key_alone() -> None:
    old = OURS.identity("whoever.example", expired=True)
    assert holds(Tlsa(3, 1, 1, old.key_sha256()), old.chain)
    assert not holds(Tlsa(3, 0, 1, LEAF.sha256(1)))  # the issuer is not the server


def test_usage_2_needs_name_dates_and_signature() -> None:
    record = Tlsa(2, 0, 1, LEAF.sha256(1))
    assert holds(record, OURS.identity(DOMAIN).chain)
    assert not holds(record, OURS.identity("other.example").chain)
    assert not holds(record, OURS.identity(HOST, expired=True).chain)
    forged = OTHERS.identity(HOST)
    assert not holds(record, (forged.chain[0], LEAF.chain[1]))


@pytest.mark.parametrize(
    "record",
    [
        Tlsa(0, 0, 1, LEAF.sha256()),
        Tlsa(1, 0, 1, LEAF.sha256()),
        Tlsa(3, 2, 1, LEAF.sha256()),
        Tlsa(3, 0, 3, LEAF.sha256()),
        Tlsa(3, 0, 1, LEAF.sha256()[:20]),
        Tlsa(3, 0, 0, b""),
    ],
    ids=lambda record: f"{record.usage}{record.selector}{record.matching}-{len(record.data) > 32}",
)
def test_unusable_records_prove_nothing(record: Tlsa) -> None:
    assert not record.usable and not holds(record)


def test_only_what_dnssec_vouches_for_counts() -> None:
    name = f"_25._tcp.{HOST}"
    records = {(name, "TLSA"): ((3, 1, 1, LEAF.key_sha256()),)}
    assert tlsa(Zone(records, signed={name}), HOST, 25) == (Tlsa(3, 1, 1, LEAF.key_sha256()),)
    assert tlsa(Zone(records), HOST, 25) == ()
