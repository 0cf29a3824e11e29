"""Where routing learns: policies over real HTTPS, DNS answers from a real name server; both on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rrset
import pytest

from gateway.authentication.resolver import DnsFailure, DnsResolver, Zone
from gateway.routing.fetch import HttpsFetch
from gateway.routing.policies import FetchFailed
from gateway.testing_tls import Authority

AUTHORITY, STRANGER = Authority(), Authority("Stranger")


@contextlib.asynccontextmanager
async def policy_host(folder: Path, authority: Authority, name: str, answer: bytes) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"GET /.well-known/mta-sts.txt ") and b"\r\nHost: mta-sts.there.example\r\n" in head
        writer.write(b"HTTP/1.1 " + answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.2", 0, ssl=authority.identity(name).context(folder))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


PLAIN = b"200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("authority", "name", "answer", "fetched"),
    [
        (AUTHORITY, "mta-sts.there.example", PLAIN + b"version: STSv1", True),
        (STRANGER, "mta-sts.there.example", PLAIN, False),
        (AUTHORITY, "there.example", PLAIN, False),
        (AUTHORITY, "mta-sts.there.example", PLAIN.replace(b"plain", b"html"), False),
        (AUTHORITY, "mta-sts.there.example", b"404 No\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n", False),
        (AUTHORITY, "mta-sts.there.example", b"302 Go\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", False),
        (AUTHORITY, "mta-sts.there.example", PLAIN + b"x" * 70_000, False),
    ],
)
def test_fetching_a_policy(tmp_path: Path, authority: Authority, name: str, answer: bytes, fetched: bool) -> None:
    zone = Zone({("mta-sts.there.example", "A"): ("127.0.0.2",)})
    options: dict[str, Any] = {"seconds": 20, "ca_file": AUTHORITY.file(tmp_path)}

    async def scenario() -> None:
        async with policy_host(tmp_path, authority, name, answer) as port:
            fetch = HttpsFetch(zone, [ip_network("127.0.0.0/8")], port=port, **options)
            if fetched:
                assert await fetch("there.example") == "version: STSv1"
                with pytest.raises(FetchFailed, match="no address"):  # a policy host inside our own network
                    await HttpsFetch(zone, [], port=port, **options)("there.example")
            else:
                with pytest.raises(FetchFailed):
                    await fetch("there.example")

    asyncio.run(scenario())


class NameServer(asyncio.DatagramProtocol):
    """Answers with TLSA and the AD bit, as a validating resolver does."""

    def __init__(self, *, authentic: bool) -> None:
        self.authentic = authentic

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def datagram_received(self, data: bytes, peer: Any) -> None:
        query = dns.message.from_wire(data)
        assert query.flags & dns.flags.AD and query.ednsflags & dns.flags.DO
        answer = dns.message.make_response(query, recursion_available=True)
        answer.flags |= dns.flags.AD if self.authentic else 0
        answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TLSA", "3 1 1 " + "ab" * 32))
        self.transport.sendto(answer.to_wire(), peer)


@pytest.mark.parametrize(("authentic", "validating"), [(True, True), (False, True), (True, False)])
def test_the_ad_bit_counts_where_it_is_believed(authentic: bool, validating: bool) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: NameServer(authentic=authentic), local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        resolver = DnsResolver([f"127.0.0.1:{port}"], 5, validating=True)
        resolver._validating = validating
        found = await asyncio.to_thread(resolver.ask, "_25._tcp.mx.there.example", "TLSA")
        assert found == (((3, 1, 1, bytes.fromhex("ab" * 32)),), authentic and validating)
        transport.close()

    asyncio.run(scenario())
    with pytest.raises(DnsFailure):
        DnsResolver(["127.0.0.1:1"], 0.3).lookup("there.example", "MX")
