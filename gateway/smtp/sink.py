"""A small SMTP server that takes every message: the next hop of the demo and of the tests."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from gateway.smtp.addresses import BadPath, parse_path
from gateway.smtp.data import read_message
from gateway.smtp.wire import ConnectionGone, LineRefused, Source

SIZE_LIMIT = 100 * 1024 * 1024
TIMEOUT = 300.0
OFFERS = b"250-sink.invalid\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 104857600\r\n"


class Sink:
    """Counts messages, and keeps them in `folder` as `<number>.eml` with `<number>.json`, if there is one.

    `refusals` maps a recipient's address to the reply that it gets instead of 250.
    """

    def __init__(self, folder: Path | None = None, refusals: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.refusals = refusals or {}
        self.messages = 0
        self.recipients = 0
        self.raw: list[bytes] = []
        self.envelopes: list[tuple[str, tuple[str, ...]]] = []
        self.remember = False
        self._server: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.start_server(self._serve, host, port, limit=65536, backlog=512)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Talk(self, Source(reader), writer).run()
        except (ConnectionGone, LineRefused, OSError):
            return
        finally:
            writer.close()

    def take(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Count and keep one message; the file is whole and on disk on return."""
        self.messages += 1
        self.recipients += len(recipients)
        if self.remember:
            self.raw.append(raw)
            self.envelopes.append((sender, tuple(recipients)))
        if self.folder is not None:
            name = self.folder / f"{self.messages:06d}-{os.getpid()}"
            envelope = json.dumps({"reverse_path": sender, "forward_paths": recipients})
            name.with_suffix(".json").write_text(envelope)
            with name.with_suffix(".part").open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            name.with_suffix(".part").rename(name.with_suffix(".eml"))


class _Talk:
    """One session."""

    def __init__(self, sink: Sink, source: Source, writer: asyncio.StreamWriter) -> None:
        self._sink = sink
        self._source = source
        self._writer = writer
        self._sender = ""
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Until QUIT."""
        await self._say(b"220 sink.invalid ESMTP\r\n")
        while True:
            line = await self._source.line(4096, TIMEOUT)
            command, _, argument = line.decode("utf-8", "surrogateescape").partition(" ")
            command = command.upper()
            if command == "DATA":
                await self._data()
            else:
                await self._say(self._answer(command, argument))
            if command == "QUIT":
                return

    def _answer(self, command: str, argument: str) -> bytes:
        if command == "EHLO":
            return OFFERS
        try:
            if command == "MAIL":
                self._sender, self._recipients = parse_path(argument, "FROM:").address, []
            elif command == "RCPT":
                return self._recipient(parse_path(argument, "TO:").address)
        except BadPath as bad:
            return f"{bad.code} {bad.text}\r\n".encode()
        return b"221 Bye\r\n" if command == "QUIT" else b"250 Ok\r\n"

    def _recipient(self, address: str) -> bytes:
        refusal = self._sink.refusals.get(address)
        if refusal is not None:
            return refusal.encode() + b"\r\n"
        self._recipients.append(address)
        return b"250 Ok\r\n"

    async def _data(self) -> None:
        await self._say(b"354 Go\r\n")
        incoming = await read_message(self._source, size_limit=SIZE_LIMIT, patience=TIMEOUT, deadline=TIMEOUT)
        if incoming.problem:
            await self._say(b"554 5.6.0 Refused: " + incoming.problem.encode() + b"\r\n")
            return
        self._sink.take(self._sender, self._recipients, incoming.raw)
        self._recipients = []
        await self._say(b"250 2.0.0 Taken\r\n")

    async def _say(self, line: bytes) -> None:
        self._writer.write(line)
        await self._writer.drain()
