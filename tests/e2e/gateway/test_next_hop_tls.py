"""STARTTLS towards the next hop: opportunistic, required, verified, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from gateway.testing import house
from gateway.testing_tls import Authority

HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"


class Keeper:
    """Keeps what arrives, and whether it came over TLS."""

    def __init__(self) -> None:
        self.over_tls: list[bool] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.over_tls.append(session.ssl is not None)
        return "250 2.0.0 Kept"


def certificate(folder: Path, name: str, newest: ssl.TLSVersion) -> ssl.SSLContext:
    authority = Authority()
    authority.file(folder)
    context = authority.identity(name).context(folder)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = newest
    return context


@contextlib.asynccontextmanager
async def next_hop(tls: ssl.SSLContext | None) -> AsyncIterator[tuple[Keeper, int]]:
    keeper = Keeper()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="hop.example", tls_context=tls, loop=loop), "127.0.0.1", 0
    )
    try:
        yield keeper, server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("mode", "named", "offered", "trusted", "delivered", "over_tls"),
    [
        ("opportunistic", "localhost", True, False, True, True),
        ("opportunistic", "localhost", False, False, True, False),
        ("none", "localhost", True, False, True, False),
        ("required", "localhost", True, True, True, True),
        ("required", "localhost", True, False, False, False),
        ("required", "other.example", True, True, False, False),
        ("required", "localhost", False, True, False, False),
    ],
)
def test_starttls_out(
    tmp_path: Path, mode: str, named: str, offered: bool, trusted: bool, delivered: bool, over_tls: bool
) -> None:
    tls = certificate(tmp_path, named, ssl.TLSVersion.MAXIMUM_SUPPORTED)
    ca = {"ca_file": tmp_path / "authority.pem"} if trusted else {}

    async def scenario() -> None:
        async with next_hop(tls if offered else None) as (keeper, port):
            hop = {"host": "localhost", "port": port, "tls": mode, **ca}
            async with house(tmp_path / "store", downstream={"inbound": hop}) as running:
                reply = await running.send(HAM)
                assert reply.startswith("250" if delivered else "451 4.4.1"), reply
                assert keeper.over_tls == ([over_tls] if delivered else [])

    asyncio.run(scenario())


def test_old_tls_is_no_tls(tmp_path: Path) -> None:
    tls = certificate(tmp_path, "localhost", ssl.TLSVersion.TLSv1_1)

    async def scenario() -> None:
        async with next_hop(tls) as (keeper, port):
            hop = {"host": "localhost", "port": port, "tls": "required", "ca_file": tmp_path / "authority.pem"}
            async with house(tmp_path / "store", downstream={"inbound": hop}) as running:
                assert (await running.send(HAM)).startswith("451 4.4.1")
                assert keeper.over_tls == []

    asyncio.run(scenario())
