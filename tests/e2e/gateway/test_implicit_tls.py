"""TLS from the first byte (RFC 8314): the same session, and nothing in the clear before it."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.authentication.users import Hash
from gateway.testing import House, Talk, house
from gateway.testing_tls import Authority

HAM = b"From: ann@house.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
HERE = ["127.0.0.0/8"]
V2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes((192, 0, 2, 8, 127, 0, 0, 1, 15, 160, 1, 209))


def trusting(version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("DEFAULT@SECLEVEL=0")
    return context


def run(tmp_path: Path, scenario: Callable[[House], Awaitable[None]], *, uvloop: bool = False, **smtp: Any) -> None:
    path = tmp_path / "users"
    path.write_text(f"ann@house.example:{Hash.of('secret')}\n")
    Authority().identity("mx.house.example").context(tmp_path)
    pem = next(tmp_path.glob("*.pem"))

    async def inside() -> None:
        wanted = {"tls_certificate": pem, "tls_key": pem, "listen_tls": ["127.0.0.1:0"]} | smtp
        async with house(tmp_path / "store", smtp=wanted, submission={"users": path}) as running:
            await scenario(running)

    factory = pytest.importorskip("uvloop").new_event_loop if uvloop else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(inside())


async def connected(running: House, header: bytes = b"", **options: Any) -> Talk:
    """Over TLS, after a header in the clear; without waiting for the greeting."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.gateway.addresses[-1][1])
    if header:
        writer.write(header)
    await writer.start_tls(trusting(**options))
    return Talk(reader, writer)


@pytest.mark.parametrize("uvloop", [False, True], ids=["asyncio", "uvloop"])
def test_an_ordinary_client(tmp_path: Path, uvloop: bool) -> None:
    def send(port: int) -> list[str]:
        with smtplib.SMTP_SSL("127.0.0.1", port, context=trusting(), timeout=60) as client:
            client.ehlo("client.example")
            client.login("ann@house.example", "secret")
            client.sendmail("ann@house.example", ["bob@house.example"], HAM)
            return sorted(client.esmtp_features)

    async def scenario(running: House) -> None:
        features = await asyncio.to_thread(send, running.gateway.addresses[-1][1])
        assert "auth" in features and "starttls" not in features
        assert running.sink.messages == 1 and b"with ESMTPSA id" in running.sink.raw[0]
        assert running.service.requests[0].envelope.tls
        assert (await running.send(HAM))[:3] == "250"  # the other port is as it was

    run(tmp_path, scenario, uvloop=uvloop)


def test_starttls_is_not_possible_within_tls(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await connected(running)
        assert (await talk.reply())[:3] == "220"
        assert "STARTTLS" not in await talk.say("EHLO client.example")
        assert (await talk.say("STARTTLS"))[:3] == "502"

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        (ssl.TLSVersion.TLSv1_3, True),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_1, False),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_versions(tmp_path: Path, version: ssl.TLSVersion, taken: bool) -> None:
    async def scenario(running: House) -> None:
        if taken:
            assert (await (await connected(running, version=version)).reply())[:3] == "220"
            return
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await connected(running, version=version)

    run(tmp_path, scenario)


def test_who_speaks_in_the_clear_hears_nothing_of_smtp(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        port = running.gateway.addresses[-1][1]
        talk = Talk(*await asyncio.open_connection("127.0.0.1", port))
        talk.write(b"EHLO client.example\r\nMAIL FROM:<ann@house.example>\r\n")
        assert b"220" not in await asyncio.wait_for(talk.reader.read(), 60)
        assert (await (await connected(running)).reply())[:3] == "220"

    run(tmp_path, scenario)


def test_connections_are_bounded(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        first = await connected(running)
        assert (await first.reply())[:3] == "220"
        assert (await (await connected(running)).reply()).startswith("421 4.3.2")

    run(tmp_path, scenario, connections=1)


@pytest.mark.parametrize("header", [b"", V2, b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 465\r\n"], ids=["none", "v2", "v1"])
def test_a_balancer_is_not_heard(tmp_path: Path, header: bytes) -> None:
    async def scenario(running: House) -> None:
        if header:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await connected(running, header)
        else:
            assert await (await connected(running)).ended()

    run(tmp_path, scenario, proxy_protocol_from=HERE)


def test_a_header_from_others_is_no_handshake(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await connected(running, V2)

    run(tmp_path, scenario)
