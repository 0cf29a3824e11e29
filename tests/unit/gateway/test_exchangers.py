"""MX order, null MX, loops, and addresses that mail is not sent to."""

from __future__ import annotations

import random
from ipaddress import ip_network

import pytest

from gateway.authentication.resolver import Answer, Zone
from gateway.routing.exchangers import addresses, exchangers
from seg_ml.domain.errors import DeliveryError


def hosts(*records: tuple[int, str], seed: int = 1) -> tuple[str, ...]:
    zone = Zone({("there.example", "MX"): records})
    return exchangers(zone, "there.example", "mx.house.example", random.Random(seed)).hosts


def test_preference_decides_and_equals_share() -> None:
    records = ((20, "c.there.example."), (10, "a.there.example"), (10, "B.there.example"), (30, "a.there.example"))
    orders = {hosts(*records, seed=seed) for seed in range(20)}
    first, last = ("a.there.example", "b.there.example"), ("c.there.example",)
    assert orders == {first + last, first[::-1] + last}


def test_without_mx_the_domain_itself() -> None:
    assert hosts() == ("there.example",)


def test_nobody_behind_us() -> None:
    assert hosts((10, "a.there.example"), (20, "MX.house.example"), (30, "c.there.example")) == ("a.there.example",)
    with pytest.raises(DeliveryError, match=r"554 5\.4\.6"):
        hosts((10, "mx.house.example"), (10, "a.there.example"))


def test_null_mx() -> None:
    with pytest.raises(DeliveryError, match=r"556 5\.1\.10"):
        hosts((0, "."))


def test_names_that_are_none_are_passed_over() -> None:
    assert hosts((1, "."), (2, "a b.example"), (3, "x" * 64 + ".example"), (4, "d.there.example")) == (
        "d.there.example",
    )


def test_no_dns_is_temporary() -> None:
    with pytest.raises(DeliveryError, match=r"451 4\.4\.3"):
        exchangers(Zone({}, {"there.example"}), "there.example", "mx", random.Random(1))


@pytest.mark.parametrize(
    ("found", "private", "expected"),
    [
        (("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "0.0.0.0"), (), ()),
        (("8.8.8.8", "10.1.2.3"), (), ("8.8.8.8",)),
        (("127.0.0.1", "10.1.2.3"), ("10.0.0.0/8",), ("10.1.2.3",)),
    ],
)
def test_only_public_addresses(found: Answer, private: tuple[str, ...], expected: tuple[str, ...]) -> None:
    zone = Zone({("a.there.example", "A"): found, ("a.there.example", "AAAA"): ("::1", "fd00::1", "::ffff:127.0.0.1")})
    assert addresses(zone, "a.there.example", [ip_network(text) for text in private]) == (expected, False)


def test_dnssec_must_vouch_for_both_kinds() -> None:
    records: dict[tuple[str, str], Answer] = {
        ("a.example", "A"): ("8.8.8.8",),
        ("a.example", "AAAA"): ("2606:4700::1",),
    }
    assert addresses(Zone(records, signed={"a.example"}), "a.example", ()) == (("2606:4700::1", "8.8.8.8"), True)
    assert addresses(Zone(records), "a.example", ())[1] is False
