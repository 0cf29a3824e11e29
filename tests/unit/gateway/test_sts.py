"""MTA-STS: policies are read strictly, kept as long as they say, and survive whoever blocks DNS or HTTPS."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.authentication.resolver import Zone
from gateway.routing.policies import FetchFailed, Keeper, Kept, Memory, Policies
from gateway.routing.sts import LONGEST_AGE, BadPolicy, StsPolicy, parse_policy, policy_id
from gateway.store import policies as stored
from gateway.store.database import Database
from gateway.store.migrate import migrate

TEXT = "version: STSv1\r\nmode: enforce\r\nmx: mx.there.example\r\nmx: *.Mail.there.example\r\nmax_age: 1000\r\n"
DOMAIN = "there.example"


def test_a_policy() -> None:
    policy = parse_policy(TEXT + "unknown: key\nmode: none\n")
    assert policy == StsPolicy("enforce", ("mx.there.example", "*.mail.there.example"), 1000)
    assert policy.allows("MX.there.example.") and policy.allows("a.mail.there.example")
    for host in (
        "there.example",
        "mail.there.example",
        "a.b.mail.there.example",
        "amail.there.example",
        "evil.example",
    ):
        assert not policy.allows(host)
    assert parse_policy(TEXT.replace("1000", "9999999999")).max_age == LONGEST_AGE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: STSv1", "version: STSv2"),
        ("version: STSv1\r\n", ""),
        ("enforce", "Enforce"),
        ("1000", "-1"),
        ("1000", "soon"),
        ("max_age: 1000", ""),
        ("mx.there.example", "mx.*.example"),
        ("mx: mx.there.example\r\nmx: *.Mail.there.example\r\n", ""),
    ],
)
def test_what_is_no_policy(old: str, new: str) -> None:
    with pytest.raises(BadPolicy):
        parse_policy(TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ((b"v=STSv1; id=20160831085700Z;",), "20160831085700Z"),
        ((b"other", b"v=STSv1;id=1"), "1"),
        ((b"v=STSv1; id=1", b"v=STSv1; id=2"), ""),
        ((b"v=STSv1; id=a b",), ""),
        ((b"v=STSv1; id=1; id=2",), ""),
        ((b"v=STSv10; id=1",), ""),
        ((b"v=STSv1; " + b"a;" * 5000 + b"id=1",), ""),
        ((), ""),
    ],
)
def test_ids(records: tuple[bytes, ...], found: str) -> None:
    assert policy_id(records) == found


class World:
    """DNS, HTTPS and a clock that tests set."""

    def __init__(self, keeper: Keeper) -> None:
        self.now = 1_000_000.0
        self.id = b"1"
        self.text: str | None = TEXT
        self.blocked: tuple[str, ...] = ()
        self.fetches = 0
        self._keeper = keeper

    async def fetch(self, domain: str) -> str:
        assert domain == DOMAIN
        self.fetches += 1
        if self.text is None:
            raise FetchFailed("nobody answers")
        return self.text

    async def mode(self) -> str:
        records = {(f"_mta-sts.{DOMAIN}", "TXT"): (b"v=STSv1; id=" + self.id,)} if self.id else {}
        self._policies._resolver = Zone(records, self.blocked)
        policy = await self._policies.policy(DOMAIN)
        return policy.mode if policy else ""

    def restart(self) -> None:
        self._policies = Policies(Zone({}), self.fetch, self._keeper, lambda: self.now)


async def live(world: World) -> None:
    world.restart()
    assert [await world.mode() for _ in range(3)] == ["enforce"] * 3 and world.fetches == 1
    world.blocked = ("*",)  # an attacker who blocks DNS cannot switch it off
    world.restart()
    assert await world.mode() == "enforce"
    world.blocked, world.id, world.text = (), b"2", None  # nor one who blocks HTTPS
    assert [await world.mode() for _ in range(3)] == ["enforce"] * 3 and world.fetches == 2
    world.now += 301
    world.text = "nonsense"
    assert await world.mode() == "enforce" and world.fetches == 3
    world.now += 301
    world.text = TEXT.replace("enforce", "testing")
    assert await world.mode() == "testing" and world.fetches == 4
    world.id = b""
    world.now += 999
    assert await world.mode() == "testing"
    world.now += 2
    assert await world.mode() == ""  # expired, and announced no longer
    world.id, world.text = b"3", None
    assert await world.mode() == ""


def test_policies_are_kept() -> None:
    asyncio.run(live(World(Memory())))


def test_policies_are_kept_in_the_store(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gateway.db'}")
    migrate(database)
    database.start()
    asyncio.run(live(World(stored.StoredPolicies(database))))
    database.write_now(lambda c: stored.replace(c, DOMAIN, Kept("1", TEXT, 5.0)))
    database.write_now(stored.expire)
    assert asyncio.run(stored.StoredPolicies(database).get(DOMAIN)) is None
    database.stop()


def test_a_store_that_is_gone_keeps_nothing_and_stops_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gateway.db'}")  # without tables
    database.start()

    async def scenario() -> None:
        world = World(stored.StoredPolicies(database))
        world.restart()
        assert [await world.mode() for _ in range(2)] == ["enforce"] * 2 and world.fetches == 2

    asyncio.run(scenario())
    database.stop()
