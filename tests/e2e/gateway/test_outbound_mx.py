"""`outbound: mx` over real TLS on loopback: MX order, DANE, MTA-STS in each mode, and who is never spoken to."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from gateway.authentication.resolver import Answer, Zone
from gateway.testing import House, house
from gateway.testing_tls import Authority

HAM = b"From: ann@house.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
ANN = ["ann@there.example"]
AUTHORITY, STRANGER = Authority(), Authority("Stranger")
FIRST, SECOND = "mx1.there.example", "mx2.there.example"
NAMES = {"there.example", FIRST, SECOND}
POLICY = "version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 86400\n"
LOCAL = {FIRST: "127.0.0.2", SECOND: "127.0.0.3"}
Records = dict[tuple[str, str], Answer]


class Keeper:
    """A mail server that notes whether its mail came over TLS."""

    def __init__(self) -> None:
        self.over_tls: list[bool] = []
        self.refusal = ""

    async def handle_EHLO(
        self, server: SMTP, session: Any, envelope: Any, hostname: str, lines: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.refusal] if self.refusal else lines

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.over_tls.append(session.ssl is not None)
        return "250 2.0.0 Kept"


@contextlib.asynccontextmanager
async def servers(
    first: ssl.SSLContext | None, second: ssl.SSLContext | None
) -> AsyncIterator[tuple[list[Keeper], int]]:
    """Two hosts on one port, each on a loopback address of its own."""
    loop, keepers, listening = asyncio.get_running_loop(), [Keeper(), Keeper()], []
    port = 0
    for keeper, tls, address in zip(keepers, (first, second), LOCAL.values(), strict=True):

        def factory(keeper: Keeper = keeper, tls: ssl.SSLContext | None = tls) -> SMTP:
            return SMTP(keeper, hostname="there.example", tls_context=tls, loop=loop)

        listening.append(await loop.create_server(factory, address, port))
        port = listening[-1].sockets[0].getsockname()[1]
    try:
        yield keepers, port
    finally:
        for server in listening:
            server.close()


def zone_of(port: int, extra: Records, *, signed: set[str] | None = None, failing: tuple[Any, ...] = ()) -> Zone:
    records: Records = {("there.example", "MX"): ((10, FIRST), (20, SECOND))}
    records |= {(host, "A"): (address,) for host, address in LOCAL.items()}
    records |= {(name.replace("PORT", str(port)), kind): answer for (name, kind), answer in extra.items()}
    names = NAMES | {name for name, kind in records if kind == "TLSA"} if signed is None else signed
    return Zone(records, tuple((n.replace("PORT", str(port)), k) for n, k in failing), names)


def run(
    tmp_path: Path,
    scenario: Callable[[House, list[Keeper]], Awaitable[None]],
    *,
    shown: tuple[Authority | None, Authority | None] = (AUTHORITY, AUTHORITY),
    records: Records | None = None,
    policy: str = "",
    zone: dict[str, Any] | None = None,
    **mx: Any,
) -> None:
    async def fetch(domain: str) -> str:
        return policy

    tmp_path.mkdir(parents=True, exist_ok=True)

    async def inside() -> None:
        contexts = [a and a.identity(host).context(tmp_path) for a, host in zip(shown, LOCAL, strict=True)]
        extra = dict(records or {})
        if policy:
            extra["_mta-sts.there.example", "TXT"] = (b"v=STSv1; id=1",)
        async with servers(*contexts) as (keepers, port):
            wanted = {
                "port": port,
                "private_networks": ["127.0.0.0/8"],
                "validating_resolvers": ["127.0.0.1"],
                "ca_file": AUTHORITY.file(tmp_path),
            }
            async with house(
                tmp_path / "store",
                resolver=zone_of(port, extra, **(zone or {})),
                fetch=fetch,
                relay={"domains": ["house.example"], "trusted_networks": ["127.0.0.1/32"]},
                downstream={"outbound": "mx", "mx": wanted | mx},
            ) as running:
                await scenario(running, keepers)

    asyncio.run(inside())


def arrives(*over_tls: list[bool]) -> Callable[[House, list[Keeper]], Awaitable[None]]:
    async def scenario(running: House, keepers: list[Keeper]) -> None:
        reply = await running.send(HAM, ANN)
        assert reply.startswith("250"), reply
        assert [keeper.over_tls for keeper in keepers] == list(over_tls)
        assert [(row.outcome, row.direction) for row in running.trace()] == [("delivered", "outbound")]

    return scenario


def refused(code: str) -> Callable[[House, list[Keeper]], Awaitable[None]]:
    async def scenario(running: House, keepers: list[Keeper]) -> None:
        reply = await running.send(HAM, ANN)
        assert reply.startswith(code), reply
        assert [keeper.over_tls for keeper in keepers] == [[], []] and running.trace() == []

    return scenario


def test_the_best_host_takes_it_and_connections_are_kept(tmp_path: Path) -> None:
    async def scenario(running: House, keepers: list[Keeper]) -> None:
        for _ in range(2):
            assert (await running.send(HAM, ANN))[:3] == "250"
        assert [keeper.over_tls for keeper in keepers] == [[True, True], []]
        assert running.gateway.metrics.exchanges.labels("opportunistic", "connected")._value.get() == 1

    run(tmp_path, scenario, shown=(STRANGER, STRANGER))


def test_without_tls_in_the_clear_unless_settings_ask_for_it(tmp_path: Path) -> None:
    run(tmp_path / "clear", arrives([False], []), shown=(None, None))
    run(tmp_path, arrives([], [True]), shown=(STRANGER, AUTHORITY), tls="required")


def test_a_host_that_refuses_is_passed_over(tmp_path: Path) -> None:
    async def scenario(running: House, keepers: list[Keeper]) -> None:
        keepers[0].refusal = "421 4.3.2 Not now"
        await arrives([], [True])(running, keepers)

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ({("there.example", "MX"): ((0, "."),)}, "556 5.1.10"),
        ({("there.example", "MX"): ((5, "mx.house.example"), (10, FIRST))}, "554 5.4.6"),
        ({(FIRST, "A"): ("10.0.0.1",), (SECOND, "A"): ("169.254.169.254",)}, "550 5.1.2"),
        ({("there.example", "MX"): ()}, "550 5.1.2"),
    ],
)
def test_who_takes_no_mail(tmp_path: Path, records: Records, code: str) -> None:
    run(tmp_path, refused(code), records=records)


def tlsa(authority: Authority, host: str, usage: int = 2) -> Records:
    digest = authority.identity(host).sha256(1)
    return {(f"_PORT._tcp.{host}", "TLSA"): ((usage, 0, 1, digest),)}


def test_dane(tmp_path: Path) -> None:
    """STRANGER is no authority of ours: only its TLSA record vouches for it."""
    good = tlsa(STRANGER, FIRST)
    run(tmp_path / "good", arrives([True], []), shown=(STRANGER, STRANGER), records=good)
    run(tmp_path / "wrong", arrives([], [True]), shown=(AUTHORITY, AUTHORITY), records=good)
    both = good | tlsa(STRANGER, SECOND)
    run(tmp_path / "none", refused("451 4.7.5"), shown=(AUTHORITY, AUTHORITY), records=both)
    run(tmp_path / "stripped", refused("451 4.7.5"), shown=(None, None), records=both)
    enforce = POLICY.format(mode="enforce", mx="*.there.example")
    # A host that MTA-STS would trust does not make up for DANE that fails.
    run(tmp_path / "sts", refused("451 4.7.5"), shown=(AUTHORITY, AUTHORITY), records=both, policy=enforce)


def test_unusable_records_still_ask_for_tls(tmp_path: Path) -> None:
    records = tlsa(STRANGER, FIRST, 0) | tlsa(STRANGER, SECOND, 0)
    run(tmp_path / "a", arrives([True], []), shown=(STRANGER, STRANGER), records=records)
    run(tmp_path / "b", arrives([], [True]), shown=(None, STRANGER), records=records)


def test_dane_needs_dnssec(tmp_path: Path) -> None:
    records = tlsa(STRANGER, FIRST)
    for signed in (NAMES - {"there.example"}, NAMES - {FIRST}, NAMES):
        # Without a chain of trust to it the record is nobody's word, and opportunistic TLS remains.
        folder = tmp_path / str(len(signed)) / ("mx" if "there.example" in signed else "host")
        run(folder, arrives([True], []), records=records, zone={"signed": signed})
    run(tmp_path / "off", arrives([True], []), records=records, validating_resolvers=[])


def test_a_hidden_tlsa_record_stops_that_host(tmp_path: Path) -> None:
    hidden = ((f"_PORT._tcp.{FIRST}", "TLSA"),)
    run(tmp_path / "one", arrives([], [True]), zone={"failing": hidden})
    run(tmp_path / "all", refused("451 4.4.3"), zone={"failing": (*hidden, (f"_PORT._tcp.{SECOND}", "TLSA"))})


@pytest.mark.parametrize(
    ("mode", "mx", "shown", "expected"),
    [
        ("enforce", "*.there.example", (AUTHORITY, AUTHORITY), arrives([True], [])),
        ("enforce", SECOND, (AUTHORITY, AUTHORITY), arrives([], [True])),
        ("enforce", "*.there.example", (STRANGER, AUTHORITY), arrives([], [True])),
        ("enforce", "*.there.example", (STRANGER, None), refused("451 4.7.5")),
        ("enforce", "elsewhere.example", (AUTHORITY, AUTHORITY), refused("451 4.7.5")),
        ("testing", "elsewhere.example", (AUTHORITY, AUTHORITY), arrives([True], [])),
        ("testing", "*.there.example", (STRANGER, AUTHORITY), arrives([True], [])),
        ("testing", "*.there.example", (None, AUTHORITY), arrives([False], [])),
        ("none", "elsewhere.example", (None, None), arrives([False], [])),
    ],
)
def test_mta_sts(tmp_path: Path, mode: str, mx: str, shown: Any, expected: Any) -> None:
    run(tmp_path, expected, shown=shown, policy=POLICY.format(mode=mode, mx=mx))


def test_what_testing_would_have_refused_is_in_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, arrives([True], []), shown=(STRANGER, AUTHORITY), policy=POLICY.format(mode="testing", mx=SECOND))
    said = capfd.readouterr()
    assert "host is not in the policy" in said.out + said.err and "TLS failed" in said.out + said.err
