"""Remembers delivered mail for `first-contact` and `thread-hijack`, after the sender has its answer.

What cannot be remembered is counted and let go: no message waits for it, and none fails on it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.log import get_logger
from gateway.metrics import Metrics
from gateway.policy.table import Direction
from gateway.scoring.workers import WorkerFailed, WorkersBusy
from gateway.store.records import Copy, Facts
from gateway.store.tables import Outcome
from gateway.store.upkeep import DAY
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.mail.limits import Limits
from seg_ml.mail.parse import parse
from seg_ml.signatures.correspondence import CorrespondenceWriter, Exchange
from seg_ml.signatures.identity import is_author_proven
from seg_ml.signatures.wording import marks_of

log = get_logger()
WAITING = 32 * 1024 * 1024
"""Octets of messages that may wait to be remembered; what comes on top is let go."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What is kept of a message. `proven` is whether its author is who it says, as far as anybody looked."""

    author: str = ""
    message_id: str = ""
    marks: tuple[int, ...] = ()
    proven: bool = False


def traces_of(request: ScoreRequest, limits: Limits) -> Traces:
    """Runs in a worker."""
    message = parse(request.raw, limits)
    proven = not request.authentication.evaluated or is_author_proven(request, message)
    message_id = f"<{message.message_id.strip().strip('<>')}>" if message.message_id else ""
    return Traces(message.author.addr_spec, message_id, marks_of(message.text), proven)


class Memory:
    """One per gateway."""

    def __init__(
        self,
        path: Path,
        run: Callable[..., Awaitable[Any]],
        limits: Limits,
        metrics: Metrics,
        *,
        days: int,
        rows: int,
    ) -> None:
        """Open the file.

        Raises:
            ConfigError: it cannot be opened.
        """
        self._writer = CorrespondenceWriter(path)
        self._run, self._limits, self._metrics = run, limits, metrics
        self._days, self._rows = days, rows
        self._waiting: deque[tuple[ScoreRequest, tuple[Copy, ...]]] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._cleaned = 0

    def note(self, raw: bytes, facts: Facts, copies: Sequence[Copy]) -> None:
        """Remember a message later, if any copy was delivered."""
        delivered = tuple(copy for copy in copies if copy.outcome is Outcome.DELIVERED)
        if not delivered:
            return
        if self._size + len(raw) > WAITING:
            self._metrics.forgotten.labels("busy").inc()
            return
        self._size += len(raw)
        self._waiting.append((ScoreRequest(raw, facts.envelope, facts.authentication), delivered))
        self._news.set()

    def start(self) -> None:
        """Begin to remember what waits, and to forget what is old."""
        self._task = asyncio.create_task(self._run_on())

    async def stop(self, seconds: float) -> None:
        """Remember what still waits, for so long at most, and close the file."""
        self._stopping = True
        self._news.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=seconds)
            self._task.cancel()
        if self._waiting:
            self._metrics.forgotten.labels("stopped").inc(len(self._waiting))
        self._writer.close()

    async def _run_on(self) -> None:
        while not self._stopping or self._waiting:
            await self._forget()
            try:
                await asyncio.wait_for(self._news.wait(), DAY / 24)
            except TimeoutError:
                continue
            self._news.clear()
            while self._waiting:
                request, copies = self._waiting.popleft()
                self._size -= len(request.raw)
                await self._remember(request, copies)

    async def _remember(self, request: ScoreRequest, copies: tuple[Copy, ...]) -> None:
        try:
            traces: Traces = await self._run(traces_of, request, self._limits)
            for exchange in exchanges(traces, copies):
                await asyncio.to_thread(self._writer.record, exchange, _day())
        except (WorkerFailed, WorkersBusy, sqlite3.Error) as error:
            self._metrics.forgotten.labels(type(error).__name__).inc()
            log.warning("correspondence", error=type(error).__name__)

    async def _forget(self) -> None:
        if self._cleaned == _day():
            return
        try:
            await asyncio.to_thread(self._writer.expire, _day() - self._days, self._rows)
            self._cleaned = _day()
        except sqlite3.Error as error:
            log.warning("correspondence", error=type(error).__name__)


def exchanges(traces: Traces, copies: Sequence[Copy]) -> list[Exchange]:
    """One entry per domain of ours. An author whom nobody could prove is no contact, whatever From says."""
    if not traces.author:
        return []
    found = []
    inbound = [copy.recipient for copy in copies if copy.direction == Direction.INBOUND.value]
    outbound = tuple(copy.recipient for copy in copies if copy.direction == Direction.OUTBOUND.value)
    if traces.proven:
        for domain in dict.fromkeys(recipient.rpartition("@")[2].lower() for recipient in inbound):
            found.append(Exchange(domain, (traces.author,), traces.message_id, traces.marks))
    if outbound:
        home = traces.author.rpartition("@")[2]
        found.append(Exchange(home, outbound, traces.message_id, traces.marks, sent=True))
    return found


def _day() -> int:
    return datetime.now(UTC).date().toordinal()
