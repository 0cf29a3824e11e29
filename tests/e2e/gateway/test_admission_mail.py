"""Admission over the wire: who is stopped, at which command, with which reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.authentication.resolver import Zone
from gateway.testing import House, Talk, house

HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
HERE = ["127.0.0.0/8"]
BOB = "RCPT TO:<bob@house.example>"


def run(tmp_path: Path, scenario: Callable[[House], Awaitable[None]], **sections: Any) -> None:
    async def inside() -> None:
        async with house(tmp_path, **sections) as running:
            await scenario(running)

    asyncio.run(inside())


def test_denied_clients_and_senders(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        with pytest.raises(ConnectionRefusedError, match=r"554 5\.7\.1"):
            await Talk.open(running.port)

    run(tmp_path / "a", scenario, admission={"deny_clients": HERE})

    async def by_sender(running: House) -> None:
        assert (await running.send(HAM)).startswith("550 5.7.1")
        assert running.trace() == []

    run(tmp_path / "b", by_sender, admission={"deny_senders": [".example", "sender.example"]})
    run(
        tmp_path / "c",
        lambda r: _arrives(r, "250"),
        admission={"deny_senders": ["sender.example"], "allow_clients": HERE},
    )


async def _arrives(running: House, code: str) -> None:
    # The envelope passes as the client is allowed; From is looked at after DATA.
    assert (await running.send(HAM.replace(b"ann@sender", b"ann@author")))[:3] == code


def test_denied_authors_are_refused_after_data(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        assert (await running.send(HAM)).startswith("550 5.7.1")
        assert [(row.outcome, row.rule) for row in running.trace()] == [("rejected", "deny-list")]

    run(tmp_path, scenario, admission={"deny_senders": ["sender.example"], "allow_clients": HERE})


def test_rates_and_greylisting(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        assert (await running.send(HAM)).startswith("451 4.7.1 Greylisted")
        assert (await running.send(HAM)).startswith("451 4.7.1 Greylisted")
        assert (await running.send(HAM)).startswith("451 4.7.0")
        assert running.sink.messages == 0

    run(tmp_path, scenario, admission={"client_messages_per_minute": 2, "greylist_delay": 3600})


def test_a_listed_client_can_still_reach_postmaster(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        await talk.say("MAIL FROM:<ann@sender.example>")
        assert (await talk.say(BOB)).startswith("554 5.7.1 Client address is listed by bl.example")
        assert (await talk.say("RCPT TO:<postmaster@house.example>"))[:3] == "250"

    zone = Zone({("1.0.0.127.bl.example", "A"): ("127.0.0.2",)})
    run(tmp_path, scenario, resolver=zone, admission={"blocklists": ["bl.example"]})


@pytest.mark.parametrize(
    ("header", "ip"),
    [
        (b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 25\r\n", "192.0.2.7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes((192, 0, 2, 8, 127, 0, 0, 1, 15, 160, 0, 25)),
            "192.0.2.8",
        ),
    ],
)
def test_proxy_protocol(tmp_path: Path, header: bytes, ip: str) -> None:
    async def scenario(running: House) -> None:
        talk = Talk(*await asyncio.open_connection("127.0.0.1", running.port))
        talk.write(header)
        assert (await talk.reply())[:3] == "220"
        await talk.say("EHLO client.example")
        assert (await talk.send(HAM))[:3] == "250"
        assert running.trace()[0].client_ip == ip

    run(tmp_path, scenario, smtp={"proxy_protocol_from": HERE})


def test_without_its_header_a_balancer_is_not_heard(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = Talk(*await asyncio.open_connection("127.0.0.1", running.port))
        talk.write(b"EHLO client.example\r\n")
        assert await talk.ended()

    run(tmp_path, scenario, smtp={"proxy_protocol_from": HERE})


def test_xclient_and_xforward(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        assert "XCLIENT" in await talk.say("EHLO postfix.example")
        assert (await talk.say("XCLIENT ADDR=192.0.2.7 NAME=a.example"))[:3] == "220"
        assert (await talk.say("MAIL FROM:<a@b.example>"))[:3] == "503"
        await talk.say("EHLO client.example")
        assert (await talk.say("XFORWARD ADDR=192.0.2.8 HELO=original.example"))[:3] == "250"
        assert (await talk.send(HAM))[:3] == "250"
        (row,) = running.trace()
        assert (row.client_ip, row.helo) == ("192.0.2.8", "original.example")
        assert (await talk.say("XCLIENT ADDR=nowhere"))[:3] == "501"

    run(tmp_path, scenario, smtp={"xclient_from": HERE})


def test_xclient_from_strangers_is_refused(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        assert "XCLIENT" not in await talk.say("EHLO client.example")
        for command in ("XCLIENT", "XFORWARD"):
            assert (await talk.say(f"{command} ADDR=192.0.2.7 LOGIN=root")).startswith("550 5.7.0")
        await talk.say("MAIL FROM:<ann@sender.example>")
        assert (await talk.say("RCPT TO:<x@elsewhere.example>")).startswith("550 5.7.1")

    run(tmp_path, scenario)


def test_trusted_clients_may_send_anywhere(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        recipients = ("bob@house.example", "x@elsewhere.example")
        assert (await running.send(HAM, recipients))[:3] == "250"
        assert {row.recipient: row.direction for row in running.trace()} == dict(
            zip(recipients, ("inbound", "outbound"), strict=True)
        )

    async def wired(running: House) -> None:
        outbound = running.gateway.settings.downstream.inbound
        running.gateway._hops._settings = running.gateway.settings.downstream.model_copy(update={"outbound": outbound})
        await scenario(running)

    run(tmp_path, wired, relay={"domains": ["house.example"], "trusted_networks": HERE})


def test_authentication_reaches_model_header_and_policy(tmp_path: Path) -> None:
    zone = Zone(
        {
            ("sender.example", "TXT"): (b"v=spf1 ip4:127.0.0.1 -all",),
            ("_dmarc.sender.example", "TXT"): (b"v=DMARC1; p=reject",),
            ("_dmarc.bank.example", "TXT"): (b"v=DMARC1; p=reject",),
        }
    )

    async def scenario(running: House) -> None:
        assert (await running.send(HAM))[:3] == "250"
        assert running.service.requests[0].authentication.dmarc == "pass"
        assert b"spf=pass smtp.mailfrom=ann@sender.example" in running.sink.raw[0]
        assert (await running.send(HAM.replace(b"ann@sender", b"ceo@bank")))[:3] == "250"
        assert [row.rule for row in running.trace()] == ["dmarc-reject", "clean"]

    run(tmp_path, scenario, resolver=zone, authentication={"enabled": True})


def test_dns_down_counts_as_unscored(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        assert (await running.send(HAM)).startswith("451 4.7.1")
        (row,) = running.trace()
        assert (row.rule, row.authentication["dmarc"]) == ("unscored-rest", "temperror")

    run(tmp_path, scenario, resolver=Zone({}, frozenset({"*"})), authentication={"enabled": True})
