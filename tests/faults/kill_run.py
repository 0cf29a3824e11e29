"""Kills parts of the house with SIGKILL while mail flows, then counts: nothing lost, nothing doubled without cause.

Each round kills one part (gateway, model service, next hop, and PostgreSQL where `--postgresql` is given), in
turn, while `--messages` messages are on their way; the senders try again until they hear 250, as mail servers
do. At the end every message must be at the next hop or in quarantine, by its token and its SHA-256, every
acknowledged transaction must have one final record, and copies beyond the first must be covered by attempts
that were not acknowledged.

Example: python tests/faults/kill_run.py --kills 200 --messages 50
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import os
import pwd
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from sqlalchemy import select

from gateway.store.database import Database
from gateway.store.tables import hold, trace
from gateway.testing import FakeService, Talk
from seg_ml.domain.errors import StoreError

RECIPIENT = "bob@kill.example"
TOKEN = re.compile(rb"^X-Token: (\d+)\r\n", re.MULTILINE)


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel gives to clients.

    Among theirs, a sender that knocks while the part is down would in time connect to itself and keep the port.
    """
    for port in random.sample(range(10_000, 30_000), 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


@dataclass
class Part:
    """A process that is killed and started again."""

    name: str
    command: list[str]
    port: int
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start, and wait until it answers."""
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, stdout=asyncio.subprocess.DEVNULL, stderr=log, start_new_session=True
            )
        for _ in range(3000):
            if self.process.returncode is not None:
                said = self.log.read_text()[-2000:]
                raise RuntimeError(f"{self.name} ended by itself with {self.process.returncode}: {said}")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            await asyncio.sleep(0.02)
        raise TimeoutError(self.name)

    async def kill(self) -> None:
        """SIGKILL to the process and its children, all at once."""
        if self.process is not None and self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()


@dataclass
class Tally:
    """What the senders know."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    unacknowledged: Counter[int] = field(default_factory=Counter)
    digests: dict[int, str] = field(default_factory=dict)


def make(token: int, chance: random.Random) -> bytes:
    """One message; every fifth is spam, which is held."""
    what = "cheap pills" if token % 5 == 0 else "the minutes"
    body = "".join(f"{chance.random()}\r\n" for _ in range(chance.randrange(1, 200)))
    return f"From: ann@sender.example\r\nX-Token: {token}\r\nSubject: {what}\r\n\r\n{what}\r\n{body}".encode()


async def deliver(port: int, token: int, raw: bytes, tally: Tally) -> None:
    """Send until 250."""
    tally.digests[token] = hashlib.sha256(raw).hexdigest()
    while token not in tally.acknowledged:
        reply, handed_over = "", False
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            talk = await Talk.open(port)
            try:
                await talk.envelope([RECIPIENT])
                talk.write(raw + b".\r\n")
                handed_over = True
                reply = await talk.reply()
            finally:
                talk.close()
        if reply.startswith("250"):
            tally.acknowledged[token] = reply.split()[-1]
        else:
            tally.unacknowledged[token] += handed_over
            await asyncio.sleep(0.05)


def write_settings(folder: Path, port: int, service: int, sink: int, url: str) -> Path:
    """The gateway's settings."""
    settings = {
        "smtp": {"listen": [f"127.0.0.1:{port}"], "hostname": "mx.kill.example", "greet_pause": 0},
        "relay": {"domains": ["kill.example"]},
        "downstream": {"inbound": {"port": sink, "tls": "none"}},
        "scoring": {"url": f"http://127.0.0.1:{service}", "deadline": 5, "mode": "tempfail", "breaker_seconds": 0.2},
        "authentication": {"enabled": False},
        "store": {"folder": str(folder / "store"), "url": url, "timeout": 5},
        "workers": {"processes": 1},
        "http": {"listen": ""},
    }
    path = folder / "gateway.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def parts(folder: Path, url: str) -> list[Part]:
    """Gateway, model service, next hop; the gateway is the first."""
    ports = [free_port() for _ in range(3)]
    config = write_settings(folder, *ports, url)
    python = [sys.executable, "-m", "gateway.cli"]
    commands = {
        "gateway": [*python, "run", "--config", str(config)],
        "service": [sys.executable, __file__, "--serve", str(ports[1])],
        "next hop": [*python, "sink", "--listen", f"127.0.0.1:{ports[2]}", "--folder", str(folder / "inbox")],
    }
    return [
        Part(name, command, port, folder / f"{name}.log")
        for (name, command), port in zip(commands.items(), ports, strict=True)
    ]


async def run(
    kills: int, messages: int, seed: int, folder: Path, url: str = "", database: Part | None = None
) -> dict[str, int]:
    """All rounds, then the count."""
    chance = random.Random(seed)
    tally, house = Tally(), parts(folder, url)
    for part in [*([database] if database else []), *house[1:], house[0]]:
        await part.start()
    victims = [*house, *([database] if database else [])]
    try:
        for number in range(kills):
            tokens = range(number * messages, (number + 1) * messages)
            sending = asyncio.gather(*(deliver(house[0].port, t, make(t, chance), tally) for t in tokens))
            await asyncio.sleep(chance.uniform(0.02, 1.2))
            victim = victims[number % len(victims)]
            await victim.kill()
            await asyncio.sleep(chance.uniform(0, 0.2))
            await victim.start()
            await sending
            open_attempts = sum(tally.unacknowledged.values())
            print(f"round {number + 1}/{kills}: {victim.name} killed, {open_attempts} not acknowledged", flush=True)
        return reconcile(tally, folder, url)
    finally:
        for part in victims:
            await part.kill()


def reconcile(tally: Tally, folder: Path, url: str) -> dict[str, int]:
    """Client against next hop, quarantine and trace."""
    copies: Counter[int] = Counter()
    damaged = by_sha256 = 0
    for path in (folder / "inbox").glob("*.eml"):
        raw = path.read_bytes()
        token, original = _token(raw), raw[raw.index(b"From: ann@") :]
        copies[token] += 1
        same = hashlib.sha256(original).hexdigest() == tally.digests[token]
        by_sha256 += same
        damaged += not same
    database = Database(url or f"sqlite:///{folder / 'store' / 'gateway.db'}")
    _wait(database)
    held = database.read_now(lambda c: c.execute(select(hold.c.sha256).where(hold.c.state == "final")).scalars().all())
    rows = database.read_now(lambda c: c.execute(select(trace.c.queue_id, trace.c.outcome)).all())
    database.stop()
    by_digest = {digest: token for token, digest in tally.digests.items()}
    copies.update(by_digest[digest] for digest in held)
    whole = {
        hashlib.sha256(p.read_bytes()).hexdigest()
        for p in (folder / "store" / "blobs").glob("??/*")
        if len(p.name) == 64
    }
    final = Counter(row.queue_id for row in rows if row.outcome in ("delivered", "quarantined"))
    return {
        "sent": len(tally.digests),
        "acknowledged": len(tally.acknowledged),
        "not acknowledged": sum(tally.unacknowledged.values()),
        "copies at the next hop, found by token": copies.total() - len(held),
        "of these the bytes that were sent, by SHA-256": by_sha256,
        "copies in quarantine, row and blob by SHA-256": sum(digest in whole for digest in held),
        "lost": sum(copies[token] == 0 for token in tally.acknowledged),
        "duplicates": sum(max(0, count - 1) for count in copies.values()),
        "duplicates without cause": sum(max(0, n - 1 - tally.unacknowledged[t]) for t, n in copies.items()),
        "damaged": damaged + len(set(held) - whole),
        "acknowledged without one final record": sum(final[q] != 1 for q in tally.acknowledged.values()),
    }


def _wait(database: Database) -> None:
    """A PostgreSQL that was killed last may still be recovering."""
    for attempt in range(300):
        try:
            database.read_now(lambda connection: connection.exec_driver_sql("SELECT 1"))
            return
        except StoreError:
            if attempt == 299:
                raise
            time.sleep(0.2)


def _token(raw: bytes) -> int:
    match = TOKEN.search(raw)
    if match is None:
        raise ValueError("a message without its token arrived")
    return int(match[1])


def postgresql(folder: Path) -> Part:
    """A server with fsync, as an ordinary user, which it insists on."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    prefix: list[str] = []
    home = folder / "postgresql"
    home.mkdir()
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        folder.chmod(0o755)
        os.chown(home, user.pw_uid, user.pw_gid)
        prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    data, port = home / "data", free_port()
    initdb = [*prefix, str(programs / "initdb"), "-D", str(data), "-U", "seg", "-A", "trust"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=home)
    options = ["-D", str(data), "-p", str(port), "-k", str(home), "-c", "listen_addresses=127.0.0.1"]
    return Part("database", [*prefix, str(programs / "postgres"), *options], port, folder / "database.log")


async def serve(port: int) -> None:
    """The model service, as a process of its own."""
    service = FakeService()
    server = await asyncio.start_server(service._serve, "127.0.0.1", port, limit=2**28)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--messages", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="store on a PostgreSQL that is killed as well")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve))
        return
    with tempfile.TemporaryDirectory() as folder:
        database = postgresql(Path(folder)) if options.postgresql else None
        url = f"postgresql+psycopg://seg@127.0.0.1:{database.port}/postgres" if database else ""
        counts = asyncio.run(run(options.kills, options.messages, options.seed, Path(folder), url, database))
    for name, count in counts.items():
        print(f"{count:8} {name}")
    bad = ("lost", "duplicates without cause", "damaged", "acknowledged without one final record")
    sys.exit(any(counts[name] for name in bad))


if __name__ == "__main__":
    main()
