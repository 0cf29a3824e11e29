"""/healthz, /readyz and /metrics on a port of their own, for machines on the same host."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gateway.metrics import Metrics

LARGEST_REQUEST = 8192
Ready = Callable[[], Awaitable[dict[str, bool]]]


class HealthServer:
    """Answers GET. `ready` names each part and whether it works."""

    def __init__(self, metrics: Metrics, ready: Ready) -> None:
        self._metrics = metrics
        self._ready = ready
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=LARGEST_REQUEST)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                status, kind, body = await self._answer(head.split(b" ", 2)[:2])
                lines = [
                    f"HTTP/1.1 {status}",
                    f"Content-Type: {kind}",
                    f"Content-Length: {len(body)}",
                    "Connection: close",
                ]
                writer.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            return  # whoever asked has gone, or asked for too much
        finally:
            writer.close()

    async def _answer(self, request: list[bytes]) -> tuple[str, str, bytes]:
        method, path = request if len(request) == 2 else (b"", b"")
        if method != b"GET":
            return "405 Method Not Allowed", "text/plain", b"GET only\n"
        if path == b"/metrics":
            return "200 OK", CONTENT_TYPE_LATEST, generate_latest(self._metrics.registry)
        if path == b"/healthz":
            return "200 OK", "text/plain", b"ok\n"
        if path == b"/readyz":
            parts = await self._ready()
            body = "".join(f"{name} {'ok' if works else 'down'}\n" for name, works in parts.items())
            # Without the model service the gateway still takes mail: it is shown, and no reason to be unready.
            ready = all(works for name, works in parts.items() if name not in ("scoring", "clamav"))
            return ("200 OK" if ready else "503 Service Unavailable"), "text/plain", body.encode("ascii")
        return "404 Not Found", "text/plain", b"/healthz /readyz /metrics\n"
