"""The protocol itself: smuggling, synchronization, limits, TLS, drain. Raw sockets, no client library."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.smtp import stamps
from gateway.testing import House, Talk, house
from gateway.testing_tls import Authority

ENVELOPE = "MAIL FROM:<ann@sender.example>\r\nRCPT TO:<bob@house.example>\r\n"
HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"


def run(tmp_path: Path, scenario: Callable[[House], Awaitable[None]], **sections: Any) -> None:
    async def inside() -> None:
        async with house(tmp_path, **sections) as running:
            await scenario(running)

    asyncio.run(inside())


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n"])
def test_smuggling(tmp_path: Path, end: bytes) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        await talk.envelope()
        hidden = b"MAIL FROM:<admin@house.example>\r\nRCPT TO:<bob@house.example>\r\nDATA\r\nFrom: x@y.example\r\n"
        talk.write(HAM + end + hidden + b"\r\n.\r\n")
        assert (await talk.reply()).startswith("550 5.6.0")
        assert running.sink.messages == 0
        (row,) = running.trace()
        assert (row.outcome, row.rule) == ("rejected", "protocol-bare-newline")
        assert (await talk.say("NOOP"))[:3] == "250"

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"EHLO a.example\n", "521"),
        (b"NOOP\rNOOP\r\n", "500"),
        (b"NO\0OP\r\n", "500"),
        (b"NOOP " + b"x" * 5000 + b"\r\n", "500"),
        (b"x" * 200_000, "521"),
        (b"\r\n", "500"),
        (b"\xff\xfe\r\n", "500"),
        (b"VRFY bob\r\n", "252"),
        (b"EXPN all\r\n", "502"),
        (b"AUTH PLAIN AAAA\r\n", "502"),
        (b"BDAT 10 LAST\r\n", "500"),
        (b"STARTTLS\r\n", "502"),
        (b"EHLO a b\r\n", "501"),
        (b"MAIL FROM:<a@b.example> SIZE=999999999999\r\n", "552"),
        (b"MAIL FROM:<a@b.example> X=1\r\n", "555"),
        (b"MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n", "501"),
        (b"RCPT TO:<bob@house.example>\r\n", "503"),
        (b"DATA\r\n", "503"),
    ],
)
def test_commands(tmp_path: Path, sent: bytes, code: str) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        talk.write(sent)
        assert (await talk.reply())[:3] == code

    run(tmp_path, scenario)


def test_early_talkers_are_refused(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(b"EHLO a.example\r\n")
        assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"554 5.5.1")

    run(tmp_path, scenario, smtp={"greet_pause": 0.2})


def test_data_without_waiting_is_refused_and_groups_are_fine(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        talk.write(ENVELOPE.encode() + b"DATA\r\n" + HAM + b".\r\n")
        assert [(await talk.reply())[:3] for _ in range(3)] == ["250", "250", "554"]
        assert await talk.ended() and running.sink.messages == 0
        talk = await Talk.open(running.port)
        for _ in range(2):  # the next envelope may come with the message before it (RFC 2920 §3.1)
            talk.write(ENVELOPE.encode() + b"DATA\r\n")
            assert [(await talk.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
            talk.write(HAM + b".\r\n" + ENVELOPE.encode() + b"RSET\r\n")
            assert [(await talk.reply())[:3] for _ in range(4)] == ["250"] * 4
        assert running.sink.messages == 2

    run(tmp_path, scenario)


def test_loops_end(tmp_path: Path) -> None:
    ours = stamps.loop_token("mx.house.example", "inbound").encode()
    loops = [b"Received: by a\r\n" * 51 + HAM, b"Received: by mx (" + ours + b")\r\n" + HAM]

    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        for raw in loops:
            await talk.envelope()
            talk.write(raw + b".\r\n")
            assert (await talk.reply()).startswith("554 5.4.6")
        assert [row.rule for row in running.trace()] == ["protocol-loop"] * 2 and running.sink.messages == 0
        await talk.envelope()
        talk.write(b"Received: by a\r\n" * 50 + HAM + b".\r\n")
        assert (await talk.reply())[:3] == "250"

    run(tmp_path, scenario)


def test_a_bug_shows_nothing(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        async def broken(*_: object, **__: object) -> None:
            raise KeyError("secret of ann@sender.example")

        running.gateway._server._context.judge.judge = broken  # type: ignore[method-assign, assignment]
        talk = await Talk.open(running.port)
        await talk.envelope()
        talk.write(HAM + b".\r\n")
        reply = await talk.reply()
        assert reply == "451 4.3.0 Temporary failure, try again later\r\n"
        assert [row.outcome for row in running.trace()] == ["deferred"]

    run(tmp_path, scenario)


def test_smtputf8_and_postmaster(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        await running.until(lambda: running.gateway._hops.supports("SMTPUTF8"))
        talk = await Talk.open(running.port)
        assert (await talk.say("MAIL FROM:<ånn@sender.example>")).startswith("553 5.6.7")
        assert (await talk.say("MAIL FROM:<ånn@sender.example> SMTPUTF8"))[:3] == "250"
        assert (await talk.say("RCPT TO:<postmaster>"))[:3] == "250"
        assert (await talk.say("DATA"))[:3] == "354"
        talk.write(HAM + b".\r\n")
        assert (await talk.reply())[:3] == "250"
        assert running.sink.envelopes == [("ånn@sender.example", ("postmaster",))]
        assert b"with UTF8SMTP id" in running.sink.raw[0]

    run(tmp_path, scenario)


def test_starttls(tmp_path: Path) -> None:
    Authority().identity("mx.house.example").context(tmp_path)
    pem = next(tmp_path.glob("*.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        assert "STARTTLS" in await talk.say("EHLO client.example")
        talk.write(b"STARTTLS\r\nMAIL FROM:<injected@sender.example>\r\n")
        assert (await talk.reply()).startswith("554 5.5.1") and await talk.ended()
        talk = await Talk.open(running.port)
        assert (await talk.say("STARTTLS"))[:3] == "220"
        await talk.writer.start_tls(context)
        assert (await talk.say("MAIL FROM:<ann@sender.example>")).startswith("503")
        assert "STARTTLS" not in await talk.say("EHLO client.example")
        await talk.envelope()
        talk.write(HAM + b"x" * 3_000_000 + b"\r\n.\r\n")
        assert (await talk.reply())[:3] == "250"
        assert b"with ESMTPS id" in running.sink.raw[0] and running.trace()[0].tls

    run(tmp_path, scenario, smtp={"tls_certificate": pem, "tls_key": pem})


def test_drain(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        idle, busy = await Talk.open(running.port), await Talk.open(running.port)
        await busy.envelope()
        stopping = asyncio.create_task(running.gateway._server.drain(20))
        assert (await idle.reply()).startswith("421 4.3.2") and await idle.ended()
        reader, _ = await asyncio.open_connection("127.0.0.1", running.port)
        assert (await reader.readline()).startswith(b"421 4.3.2")
        busy.write(HAM + b".\r\n")
        assert (await busy.reply())[:3] == "250"
        assert (await busy.reply()).startswith("421 4.3.2")
        await stopping
        assert running.sink.messages == 1

    run(tmp_path, scenario)
