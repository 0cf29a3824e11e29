"""The next hop fails at each command, in each way that Postfix's smtp-sink knows."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.testing import House, house

HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
SINK = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "smtp-sink"
COMMANDS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", ".")


@contextlib.asynccontextmanager
async def smtp_sink(*options: str) -> AsyncIterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = await asyncio.create_subprocess_exec(SINK, "-u", "nobody", *options, f"127.0.0.1:{port}", "64")
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            await asyncio.sleep(0.02)
        yield port
    finally:
        process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def house_with(folder: Path, *options: str) -> AsyncIterator[House]:
    async with smtp_sink(*options) as port:
        hop = {"port": port, "tls": "none", "connect_timeout": 1, "command_timeout": 1, "data_timeout": 1}
        async with house(folder, downstream={"inbound": hop}) as running:
            yield running


def outcomes(running: House) -> list[str]:
    return [row.outcome for row in running.trace()]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("option", "code"), [("-r", "4"), ("-f", "5")])
def test_its_refusal_is_the_senders(tmp_path: Path, command: str, option: str, code: str) -> None:
    async def scenario() -> None:
        async with house_with(tmp_path, option, command) as running:
            reply = await running.send(HAM)
            # smtp-sink still takes HELO where EHLO is refused: that is no failure.
            expected = "2" if command == "EHLO" else code
            assert reply[0] == expected, reply
            if command == ".":
                assert outcomes(running) == ["rejected" if code == "5" else "deferred"]

    asyncio.run(scenario())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-q", "-Q"])
def test_it_hangs_up(tmp_path: Path, command: str, option: str) -> None:
    async def scenario() -> None:
        async with house_with(tmp_path, option, command) as running:
            reply = await running.send(HAM)
            assert reply[0] == "4", reply
            if command == ".":
                # -q says 421 before it goes, -Q goes without a word: then nobody knows.
                assert outcomes(running)[0] in ("deferred", "unknown")

    asyncio.run(scenario())


def test_nobody_listens(tmp_path: Path) -> None:
    async def scenario() -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        async with house(tmp_path, downstream={"inbound": {"port": port, "tls": "none"}}) as running:
            assert (await running.send(HAM)).startswith("451 4.4.1")

    asyncio.run(scenario())


class Odd:
    """A next hop that answers commands from a script and then does what `end` says."""

    def __init__(self, end: str) -> None:
        self.end = end
        self.bodies = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(b"220 odd\r\n")
            while line := await reader.readline():
                if line.upper().startswith(b"DATA"):
                    writer.write(b"354 go\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    self.bodies += 1
                    await self._end(writer)
                else:
                    writer.write(b"250 ok\r\n")
        writer.close()

    async def _end(self, writer: asyncio.StreamWriter) -> None:
        if self.end == "silence":
            await asyncio.sleep(3600)
        writer.write(
            {"garbage": b"\xff\xfe\r\n", "endless": b"250-x\r\n" * 500, "long": b"250 " + b"x" * 9000}[self.end]
        )


@pytest.mark.parametrize("end", ["silence", "garbage", "endless", "long"])
def test_after_the_dot_nobody_knows(tmp_path: Path, end: str) -> None:
    async def scenario() -> None:
        odd = Odd(end)
        server = await asyncio.start_server(odd.serve, "127.0.0.1", 0)
        hop = {"port": server.sockets[0].getsockname()[1], "tls": "none", "data_timeout": 0.5}
        async with house(tmp_path, downstream={"inbound": hop}) as running:
            assert (await running.send(HAM)).startswith("451 4.4.2")
            assert outcomes(running) == ["unknown"]
            assert odd.bodies == 1  # never offered again by itself
        server.close()

    asyncio.run(scenario())


def test_one_of_two_next_hops_fails(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with smtp_sink("-r", ".") as failing:
            hops = {"second.example": {"port": failing, "tls": "none"}}
            async with house(tmp_path) as first:
                sink_port = first.gateway.settings.downstream.inbound.port
                downstream = {"inbound": {"port": sink_port, "tls": "none"}, "domains": hops}
                async with house(tmp_path / "two", downstream=downstream) as running:
                    recipients = ("bob@house.example", "eve@second.example")
                    assert (await running.send(HAM, recipients))[:3] == "250"
                    assert first.sink.messages == 1
                    by_recipient = {row.recipient: row.outcome for row in running.trace()}
                    assert by_recipient == dict(zip(recipients, ("delivered", "quarantined"), strict=True))
                    # Not delivered twice and not lost: the outbox has it.
                    assert [held.state for held in running.held()] == ["releasing"]

    asyncio.run(scenario())
