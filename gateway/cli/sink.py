"""`seg-gateway sink`: a next hop for trying things out. Takes everything, delivers nothing."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common import console, explained
from gateway.smtp.server import split_address
from gateway.smtp.sink import Sink


def sink(
    listen: Annotated[str, typer.Option(help="host:port; port 0 takes a free one.")] = "127.0.0.1:10025",
    folder: Annotated[
        Path | None, typer.Option(help="Write each message to a file here, with its envelope beside it.")
    ] = None,
    port_file: Annotated[Path | None, typer.Option(help="Write the port here once it listens.")] = None,
) -> None:
    """Run a small SMTP server that takes every message, until Ctrl-C; then say how many.

    Example: [bold]seg-gateway sink --listen 127.0.0.1:10025 --folder /tmp/inbox[/]
    """
    with explained():
        host, port = split_address(listen)
        server = Sink(folder)
        asyncio.run(_run(server, host, port, port_file))
    console.print(f"{server.messages} messages, {server.recipients} recipients")


async def _run(server: Sink, host: str, port: int, port_file: Path | None) -> None:
    bound = await server.start(host, port)
    console.print(f"sink listens on {host}:{bound}")
    if port_file is not None:
        await asyncio.to_thread(port_file.write_text, str(bound))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopping.set)
    await stopping.wait()
    await server.stop()
