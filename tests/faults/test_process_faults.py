"""The gateway as a process of its own: full disks, a limit on file sizes, signals, clients that leave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from sqlalchemy import select

from gateway.smtp.sink import Sink
from gateway.store.database import Database
from gateway.store.tables import trace
from gateway.testing import FakeService, Talk

HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
SPAM = HAM.replace(b"noon", b"cheap pills")
BIG = b"0123456789abcdef" * 64 + b"\r\n"


@dataclass
class Running:
    """A gateway process between its model service and its next hop."""

    process: asyncio.subprocess.Process
    port: int
    sink: Sink
    service: FakeService
    store: Path

    async def send(self, raw: bytes) -> str:
        talk = await Talk.open(self.port)
        try:
            return await talk.send(raw, ["bob@house.example"])
        finally:
            talk.close()

    def outcomes(self) -> list[str]:
        database = Database(f"sqlite:///{self.store / 'gateway.db'}")
        try:
            return list(database.read_now(lambda c: c.scalars(select(trace.c.outcome)).all()))
        finally:
            database.stop()


def settings(folder: Path, store: Path, service: int, sink: int) -> Path:
    path = folder / "gateway.yaml"
    content = {
        "smtp": {"listen": ["127.0.0.1:0"], "hostname": "mx.house.example", "greet_pause": 0, "drain_deadline": 10},
        "relay": {"domains": ["house.example"]},
        "downstream": {"inbound": {"port": sink, "tls": "none"}},
        "scoring": {"url": f"http://127.0.0.1:{service}"},
        "authentication": {"enabled": False},
        "store": {"folder": str(store), "minimum_free": 0},
        "workers": {"processes": 1},
        "http": {"listen": ""},
    }
    path.write_text(yaml.safe_dump(content))
    return path


@contextlib.asynccontextmanager
async def gateway(
    folder: Path, store: Path | None = None, before: Callable[[], None] | None = None
) -> AsyncIterator[Running]:
    sink, service = Sink(), FakeService()
    store = store or folder / "store"
    config = settings(folder, store, await service.start(), await sink.start())
    command = [sys.executable, "-m", "gateway.cli", "run", "--config", str(config)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, preexec_fn=before)
    assert process.stderr is not None
    port = 0
    while not port:
        event = json.loads(await asyncio.wait_for(process.stderr.readline(), 60))
        port = int(event["addresses"][0].rpartition(":")[2]) if event["event"] == "started" else 0
    reading = asyncio.create_task(process.stderr.read())
    try:
        yield Running(process, port, sink, service, store)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading
        await service.stop()
        await sink.stop()


def test_a_limit_on_file_sizes(tmp_path: Path) -> None:
    """`prlimit --fsize`: a blob that does not fit is refused, and small mail still passes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    async def scenario() -> None:
        async with gateway(tmp_path, before=limit) as running:
            assert (await running.send(SPAM + BIG * 4000)).startswith(("451 4.3.0", "452 4.3.1"))
            assert (await running.send(SPAM))[:3] == "250"
            assert (await running.send(HAM))[:3] == "250"
            assert running.sink.messages == 1

    asyncio.run(scenario())


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(tmp_path: Path) -> None:
    """Fill it with held mail: from some message on the answer is 4xx, and what got 250 is there."""

    async def scenario() -> None:
        disk = tmp_path / "disk"
        with small_disk(disk, "8m"):
            async with gateway(tmp_path, store=disk) as running:
                replies = [await running.send(SPAM + b"%d\r\n" % n + BIG * 500) for n in range(24)]
                assert replies[0][:3] == "250" and replies[-1][:2] == "45"
                assert {reply[:3] for reply in replies} <= {"250", "451", "452"}
                assert running.sink.messages == 0
                whole = [path for path in (disk / "blobs").glob("??/*") if len(path.name) == 64]
                acknowledged = sum(reply[:3] == "250" for reply in replies)
                assert running.outcomes().count("quarantined") == acknowledged == len(whole)

    asyncio.run(scenario())


def test_sigterm_ends_what_is_under_way(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with gateway(tmp_path) as running:
            idle, busy = await Talk.open(running.port), await Talk.open(running.port)
            await busy.envelope(["bob@house.example"])
            running.process.send_signal(signal.SIGTERM)
            assert (await idle.reply()).startswith("421 4.3.2") and await idle.ended()
            busy.write(HAM + b".\r\n")
            assert (await busy.reply())[:3] == "250"
            assert await running.process.wait() == 0
            assert running.outcomes() == ["delivered"] and running.sink.messages == 1

    asyncio.run(scenario())


def test_clients_that_leave_at_every_point(tmp_path: Path) -> None:
    """After each command, within DATA and after the dot: no row stays pending, later mail passes."""
    lines = [b"EHLO a.example\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<bob@house.example>\r\n", b"DATA\r\n"]

    async def leave_after(running: Running, count: int, tail: bytes) -> None:
        talk = Talk(*await asyncio.open_connection("127.0.0.1", running.port))
        await talk.reply()
        for line in lines[:count]:
            talk.write(line)
            await talk.reply()
        talk.write(tail)
        await talk.writer.drain()
        talk.writer.transport.abort()

    async def scenario() -> None:
        async with gateway(tmp_path) as running:
            for count in range(len(lines) + 1):
                await leave_after(running, count, b"")
            for tail in (HAM[:20], HAM, HAM + b".\r\n", HAM + b".\r\nQUIT\r\n"):
                await leave_after(running, len(lines), tail)
            assert (await running.send(HAM))[:3] == "250"
            running.process.send_signal(signal.SIGTERM)
            assert await running.process.wait() == 0
            outcomes = running.outcomes()
            assert set(outcomes) <= {"delivered", "aborted", "deferred"}
            assert outcomes.count("delivered") == running.sink.messages

    asyncio.run(scenario())
