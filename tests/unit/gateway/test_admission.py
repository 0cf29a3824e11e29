"""Lists, rates, blocklists, greylisting, and hosts that speak for others: each by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.authentication.resolver import Answer, Resolver, Zone
from gateway.policy.loader import load_policy
from gateway.policy.table import Direction
from gateway.smtp.admission import on_list
from gateway.smtp.dnsbl import Blocklists
from gateway.smtp.introduction import normal_ip, parse_attributes
from gateway.smtp.judge import Authors, Judge, Judgement
from gateway.smtp.rates import Rate
from gateway.store import greylist
from gateway.store.database import Database
from gateway.store.migrate import migrate
from seg_ml.domain.envelope import AuthenticationResults
from seg_ml.domain.verdict import Finding, Label, Severity, Surface, Verdict


def test_rates() -> None:
    now = [0.0]
    rate = Rate(2, clock=lambda: now[0])
    assert [rate.allow("a"), rate.allow("a"), rate.allow("a"), rate.allow("b")] == [True, True, False, True]
    now[0] = 30.0
    assert [rate.allow("a"), rate.allow("a")] == [True, False]
    assert all(Rate(0).allow("a") for _ in range(100))


def blocklists(records: dict[tuple[str, str], Answer], failing: frozenset[str] = frozenset()) -> Blocklists:
    resolver: Resolver = Zone(records, failing)
    return Blocklists(["down.example", "bl.example"], resolver, deadline=10)


@pytest.mark.parametrize(
    ("ip", "answer", "zone"),
    [
        ("192.0.2.9", ("127.0.0.2",), "bl.example"),
        ("192.0.2.9", ("127.255.255.254",), ""),
        ("192.0.2.9", ("203.0.113.1",), ""),
        ("192.0.2.8", ("127.0.0.2",), ""),
        ("unknown", ("127.0.0.2",), ""),
    ],
)
def test_blocklists(ip: str, answer: Answer, zone: str) -> None:
    lists = blocklists({("9.2.0.192.bl.example", "A"): answer}, frozenset({"9.2.0.192.down.example"}))
    assert asyncio.run(lists.listed(ip)) == zone
    lists.close()


def test_a_listing_is_remembered() -> None:
    lists = blocklists(records := {("9.2.0.192.bl.example", "A"): ("127.0.0.2",)})
    assert asyncio.run(lists.listed("192.0.2.9")) == "bl.example"
    records.clear()
    assert asyncio.run(lists.listed("192.0.2.9")) == "bl.example"
    lists.close()


def test_greylist(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'g.db'}")
    migrate(database)
    first, near, other = (
        greylist.key(ip, "a@b.example", "c@d.example") for ip in ("192.0.2.1", "192.0.2.99", "192.0.3.1")
    )
    assert first == near != other

    def passes(delay: float, days: float = 30, digest: str = first) -> bool:
        return database.write_now(lambda c: greylist.passes(c, digest, delay, days))

    assert not passes(3600) and not passes(3600)
    assert passes(0) and passes(3600)
    assert not passes(0, days=-1)
    assert not passes(0, digest=other)
    database.stop()


@pytest.mark.parametrize(
    ("entry", "address", "found"),
    [
        ("a@b.example", "A@B.example", True),
        ("b.example", "a@b.example", True),
        ("b.example", "a@c.b.example", False),
        (".b.example", "a@c.b.example", True),
        (".b.example", "a@notb.example", False),
        ("", "", False),
    ],
)
def test_lists(entry: str, address: str, found: bool) -> None:
    assert on_list(address, address.rpartition("@")[2], [entry]) is found


SPAM = Verdict(Label.SPAM, {"ham": 0.01, "spam": 0.99}, model_version="seg-mail/1")
PROVEN = AuthenticationResults(spf="pass", dkim="none", dmarc="pass")
CRITICAL = (Finding("yara-x", Severity.CRITICAL, "seen", Surface.ATTACHMENT),)


@pytest.mark.parametrize(
    ("judgement", "rule"),
    [
        (Judgement(PROVEN, SPAM, author="ann@friend.example"), "allow-list"),
        (Judgement(AuthenticationResults(dmarc="fail"), SPAM, author="ann@friend.example"), "spam"),
        (Judgement(AuthenticationResults(), SPAM, author="ann@friend.example"), "spam"),
        (Judgement(PROVEN, SPAM, CRITICAL, author="ann@friend.example"), "known-malicious"),
        (Judgement(PROVEN, SPAM, unscannable="time", author="ann@friend.example"), "unscannable"),
        (Judgement(PROVEN, SPAM, author="eve@foe.example"), "deny-list"),
        (Judgement(PROVEN, SPAM, author=""), "spam"),
    ],
)
def test_an_allowed_author_counts_only_where_it_is_proven(judgement: Judgement, rule: str) -> None:
    authors = Authors(allow=("friend.example",), deny=("foe.example",))
    judge = Judge(None, None, None, load_policy(), "signatures", authors)  # type: ignore[arg-type]
    assert judge.decide(judgement, Direction.INBOUND, "house.example").rule == rule


def test_attributes() -> None:
    assert parse_attributes("NAME=a.example ADDR=IPV6:2001:db8::1 HELO=[UNAVAILABLE] LOGIN=a+2Bb") == {
        "NAME": "a.example",
        "ADDR": "2001:db8::1",
        "LOGIN": "a+b",
    }
    for bad in ("ADDR=nowhere", "WHAT=1", "ADDR", "HELO=a+0D+0A"):
        assert parse_attributes(bad) is None
    assert normal_ip("::ffff:192.0.2.1") == "192.0.2.1"
