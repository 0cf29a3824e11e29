"""How much mail passes the gateway, how long a message takes, and what memory and descriptors it costs.

The gateway runs as a process of its own; its next hop, and a model service that answers at once unless
`--service` names a real one, run here. Also shows good mail beside idle and slow connections.

Example: python benchmarks/gateway_load.py --messages 2000 --connections 32 --idle 500 --slow 50
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from gateway.smtp.sink import Sink
from gateway.testing import FakeService, Talk


def messages(folder: Path | None, size: int, seed: int) -> list[bytes]:
    """Mail to send: files of a folder in SMTP's line ends, or lines of words."""
    if folder is not None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return [b"\r\n".join(path.read_bytes().replace(b"\0", b"").splitlines()) + b"\r\n" for path in files]
    chance = random.Random(seed)
    words = ["minutes", "invoice", "meeting", "noon", "regards", "project", "attached", "report", "figures", "please"]
    made = []
    for number in range(64):
        body = b""
        while len(body) < size:
            body += " ".join(chance.choices(words, k=10)).encode() + b"\r\n"
        made.append(b"From: a@sender.example\r\nSubject: Report %d\r\n\r\n%s" % (number, body))
    return made


async def start_gateway(folder: Path, service: str, sink_port: int) -> tuple[asyncio.subprocess.Process, int]:
    """The gateway as its administrator runs it; returns the process and the port."""
    settings = {
        "smtp": {
            "listen": ["127.0.0.1:0"],
            "hostname": "mx.bench.example",
            "greet_pause": 0,
            "connections_per_client": 2000,
        },
        "relay": {"domains": ["bench.example"]},
        "downstream": {"inbound": {"port": sink_port, "tls": "none"}},
        "scoring": {"url": service, "deadline": 60},
        "authentication": {"enabled": False},
        "store": {"folder": str(folder / "store")},
        "http": {"listen": ""},
        "log": {"level": "info"},
    }
    path = folder / "gateway.yaml"
    path.write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "gateway.cli", "run", "--config", str(path)]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    while line := await process.stderr.readline():
        event = json.loads(line)
        if event.get("event") == "started":
            asyncio.get_running_loop().create_task(_swallow(process.stderr))
            return process, int(event["addresses"][0].rpartition(":")[2])
    raise RuntimeError("the gateway did not start")


async def _swallow(stream: asyncio.StreamReader) -> None:
    while await stream.readline():
        continue


def memory_and_descriptors(pid: int) -> tuple[float, int]:
    """Resident MiB of the process and its children, and the open descriptors of the process."""
    # Workers are children of the threads that started them.
    children = [child for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]
    pages = sum(int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in [str(pid), *children])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def load(
    port: int, mails: list[bytes], count: int, connections: int, reuse: int
) -> tuple[list[float], Counter[str]]:
    """Send `count` messages over this many connections at once; milliseconds of each, and the replies."""
    numbers = iter(range(count))
    times: list[float] = []
    replies: Counter[str] = Counter()

    async def sender() -> None:
        talk, left = None, 0
        for number in numbers:
            started = time.perf_counter()
            if talk is None or not left:
                if talk is not None:
                    talk.close()
                talk, left = await Talk.open(port), reuse
            reply = await talk.send(mails[number % len(mails)], ["bob@bench.example"])
            left -= 1
            times.append((time.perf_counter() - started) * 1000)
            replies[reply[:3]] += 1
        if talk is not None:
            talk.close()

    await asyncio.gather(*(sender() for _ in range(connections)))
    return times, replies


async def slow_client(port: int) -> None:
    """Sends a byte of its message a second."""
    talk = await Talk.open(port)
    try:
        await talk.envelope(["bob@bench.example"])
        while True:
            talk.write(b"x")
            await asyncio.sleep(1)
    finally:
        talk.close()


def show(title: str, times: list[float], seconds: float, replies: Counter[str]) -> float:
    """One line; returns p95."""
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{title}: {len(times)} messages, {len(times) / seconds:.0f}/s, "
        f"p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, replies {dict(replies)}"
    )
    return cuts[94]


async def main(options: argparse.Namespace) -> None:
    """Run what was asked for."""
    sink, service = Sink(), FakeService()
    sink_port = await sink.start()
    url = options.service or f"http://127.0.0.1:{await service.start()}"
    mails = messages(options.folder, options.size, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        process, port = await start_gateway(Path(folder), url, sink_port)
        try:
            await load(port, mails, options.connections * 2, options.connections, options.reuse)
            before = memory_and_descriptors(process.pid)
            started = time.perf_counter()
            times, replies = await load(port, mails, options.messages, options.connections, options.reuse)
            alone = show("good mail", times, time.perf_counter() - started, replies)
            if options.idle or options.slow:
                others = [await Talk.open(port) for _ in range(options.idle)]
                slow = [asyncio.create_task(slow_client(port)) for _ in range(options.slow)]
                await asyncio.sleep(2)
                started = time.perf_counter()
                times, replies = await load(port, mails, options.messages, options.connections, options.reuse)
                beside = show(
                    f"beside {options.idle} idle, {options.slow} slow", times, time.perf_counter() - started, replies
                )
                print(f"p95 beside / alone: {beside / alone:.2f}")
                for task in slow:
                    task.cancel()
                for talk in others:
                    talk.close()
                await asyncio.sleep(2)
            end = time.monotonic() + 60 * options.minutes
            while time.monotonic() < end:
                started = time.perf_counter()
                times, replies = await load(port, mails, options.messages, options.connections, options.reuse)
                show("again", times, time.perf_counter() - started, replies)
                print("  memory {:.0f} MiB, descriptors {}".format(*memory_and_descriptors(process.pid)), flush=True)
            after = memory_and_descriptors(process.pid)
            print(f"memory {before[0]:.0f} -> {after[0]:.0f} MiB, descriptors {before[1]} -> {after[1]}")
            print(f"next hop has {sink.messages} messages")
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--reuse", type=int, default=1, help="messages a connection")
    parser.add_argument("--size", type=int, default=10_000, help="octets of made-up mail")
    parser.add_argument("--folder", type=Path, help="send these files instead")
    parser.add_argument("--service", help="address of a real model service")
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--slow", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=0, help="repeat for this long, and show the memory")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(main(parser.parse_args()))
