"""A gateway in a box, for tests and benchmarks: a model service that lies on demand, and everything wired."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from gateway.authentication.resolver import Resolver
from gateway.bootstrap import Gateway, build
from gateway.routing.policies import Fetch
from gateway.settings import Settings
from gateway.smtp.sink import Sink
from gateway.store import quarantine, tracing
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Label, Verdict
from seg_ml.domain.wire import request_from_json, verdict_to_json

Judge = Callable[[ScoreRequest], Verdict]
ANSWERS = {
    "500": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "503": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    "not-http": b"SSH-2.0-x\r\n\r\n",
}


def by_word(request: ScoreRequest) -> Verdict:
    """Spam where the message says `pills`, ham otherwise."""
    threat = 0.99 if b"pills" in request.raw else 0.01
    label = Label.SPAM if threat > 0.5 else Label.HAM
    return Verdict(label, {"ham": 1 - threat, "spam": threat}, model_version="seg-mail/1")


class FakeService:
    """Speaks enough HTTP for the client. `fault` is `""` or one of `FAULTS`."""

    FAULTS = ("refuse", "hang", "reset", "500", "503", "not-http", "bad-json", "nan", "schema", "drip")

    def __init__(self, judge: Judge = by_word) -> None:
        self.judge = judge
        self.fault = ""
        self.requests: list[ScoreRequest] = []
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=256 * 1024 * 1024)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close everything, so that connecting is refused."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
                await self._answer(writer, await reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        if self.fault == "hang":
            await asyncio.sleep(3600)
        if self.fault == "reset":
            writer.transport.abort()
        elif self.fault in ANSWERS:
            writer.write(ANSWERS[self.fault])
        else:
            await self._json(writer, body)
        await writer.drain()

    async def _json(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        request = request_from_json(json.loads(body)["requests"][0])
        self.requests.append(request)
        answer: Any = [verdict_to_json(self.judge(request))]
        if self.fault == "nan":
            answer[0]["probabilities"]["ham"] = float("nan")
        if self.fault == "schema":
            answer[0].pop("label")
        content = b"{" if self.fault == "bad-json" else json.dumps(answer).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
        if self.fault != "drip":
            writer.write(head + content)
            return
        for byte in head + content:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0.2)


class Talk:
    """A client that says exactly what it is told, over a raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> Talk:
        """Connect, wait for the greeting, say EHLO."""
        talk = cls(*await asyncio.open_connection("127.0.0.1", port))
        greeting = await talk.reply()
        if not greeting.startswith("220 "):
            raise ConnectionRefusedError(greeting)
        await talk.say("EHLO client.example")
        return talk

    def write(self, data: bytes) -> None:
        """Send without waiting."""
        self.writer.write(data)

    async def say(self, line: str) -> str:
        """Send a line and return the reply."""
        self.write(line.encode("utf-8") + b"\r\n")
        return await self.reply()

    async def reply(self) -> str:
        """All lines of one reply."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = await asyncio.wait_for(self.reader.readline(), 60)
            if not line:
                raise ConnectionResetError("the server closed")
            lines.append(line.decode())
        return "".join(lines)

    async def envelope(self, recipients: Sequence[str] = ("bob@house.example",)) -> None:
        """MAIL, RCPT and DATA, all accepted."""
        lines = ["MAIL FROM:<ann@sender.example>", *(f"RCPT TO:<{address}>" for address in recipients), "DATA"]
        for line in lines:
            reply = await self.say(line)
            if reply[:1] not in "23":
                raise ConnectionRefusedError(f"{line}: {reply}")

    async def send(self, raw: bytes, recipients: Sequence[str] = ("bob@house.example",)) -> str:
        """One message; the reply to the final dot, or to the command that was refused."""
        try:
            await self.envelope(recipients)
        except ConnectionRefusedError as refused:
            return str(refused).partition(": ")[2]
        self.write(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return await self.reply()

    async def ended(self) -> bool:
        """Whether the server has closed, and said nothing more."""
        return await asyncio.wait_for(self.reader.read(), 60) == b""

    def close(self) -> None:
        """Leave without a word."""
        self.writer.close()


class House:
    """The gateway with its model service and its next hop, all on ephemeral ports."""

    def __init__(self, gateway: Gateway, service: FakeService, sink: Sink) -> None:
        self.gateway = gateway
        self.service = service
        self.sink = sink

    @property
    def port(self) -> int:
        """Where the gateway takes mail."""
        return self.gateway.addresses[0][1]

    async def send(self, raw: bytes, recipients: Sequence[str] = ("bob@house.example",)) -> str:
        """One message over a connection of its own; the reply that ended it."""
        talk = await Talk.open(self.port)
        try:
            return await talk.send(raw, recipients)
        finally:
            talk.close()

    def trace(self, **filters: Any) -> list[tracing.Record]:
        """Rows of the message trace, newest first."""
        return self.gateway.store.database.read_now(lambda c: tracing.list_trace(c, **filters))

    def held(self) -> list[quarantine.Record]:
        """What is in quarantine."""
        return self.gateway.store.database.read_now(quarantine.list_holds)

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait for something that another task does."""
        give_up = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > give_up:
                raise TimeoutError(condition)
            await asyncio.sleep(0.02)


def house_settings(folder: Path, *, service_port: int, sink_port: int, **sections: dict[str, Any]) -> Settings:
    """Settings for a house; sections are merged over them."""
    base: dict[str, dict[str, Any]] = {
        "smtp": {"listen": ["127.0.0.1:0"], "hostname": "mx.house.example", "greet_pause": 0.0, "drain_deadline": 5},
        "relay": {"domains": ["house.example", "second.example"]},
        "downstream": {"inbound": {"port": sink_port, "tls": "none"}},
        "scoring": {"url": f"http://127.0.0.1:{service_port}", "deadline": 2, "breaker_failures": 3},
        "authentication": {"enabled": False},
        "store": {"folder": folder},
        "outbox": {"interval": 0.1},
        "workers": {"processes": 1},
        "http": {"listen": "127.0.0.1:0"},
    }
    for name, section in sections.items():
        base[name] = base.get(name, {}) | section
    policy = base.pop("policy", {}).get("path")
    return Settings(policy=policy, **base)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def house(
    folder: Path,
    judge: Judge = by_word,
    resolver: Resolver | None = None,
    fetch: Fetch | None = None,
    **sections: dict[str, Any],
) -> AsyncIterator[House]:
    """Everything started, and stopped at the end."""
    service, sink = FakeService(judge), Sink()
    sink.remember = True
    settings = house_settings(folder, service_port=await service.start(), sink_port=await sink.start(), **sections)
    gateway = await asyncio.to_thread(build, settings)
    gateway.resolver, gateway.fetch = resolver, fetch
    await gateway.start()
    try:
        yield House(gateway, service, sink)
    finally:
        await gateway.stop()
        await service.stop()
        await sink.stop()
