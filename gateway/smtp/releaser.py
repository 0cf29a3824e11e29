"""Sends what the outbox holds: releases from quarantine, and copies that one reply could not cover."""

from __future__ import annotations

import asyncio
import os
import socket

from gateway.log import get_logger
from gateway.metrics import Metrics
from gateway.settings import OutboxSettings
from gateway.smtp.client import Reply
from gateway.smtp.hops import Hops
from gateway.smtp.relay import Relay
from gateway.store import outbox
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.outbox import Task
from seg_ml.domain.errors import StoreError

log = get_logger()


class Releaser:
    """One loop; several gateways may run it over one database."""

    def __init__(
        self, database: Database, blobs: Blobs, hops: Hops, settings: OutboxSettings, metrics: Metrics
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._hops = hops
        self._settings = settings
        self._metrics = metrics
        self._owner = f"{socket.gethostname()}:{os.getpid()}"

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                while await self.step():
                    continue
            except StoreError as error:
                log.warning("outbox", error=str(error))
            await asyncio.sleep(self._settings.interval)

    async def step(self) -> bool:
        """Send one entry that is due; whether there was one.

        Raises:
            StoreError: the store cannot be used.
        """
        owner, seconds = self._owner, self._settings.lease
        task = await self._database.write(lambda c: outbox.lease(c, owner, seconds))
        if task is None:
            return False
        reply = await self._send(task)
        await self._settle(task, reply)
        log.info("release", hold_id=task.hold_id, attempt=task.attempts, reply=reply.code)
        return True

    async def _send(self, task: Task) -> Reply:
        try:
            raw = await asyncio.to_thread(self._blobs.get, task.sha256)
        except StoreError as error:
            return Reply(554, f"5.3.0 {error}")
        relay = Relay(self._hops, task.reverse_path, smtputf8=not (task.recipient + task.reverse_path).isascii())
        try:
            domain = task.recipient.rpartition("@")[2].lower() if "@" in task.recipient else ""
            reply = await relay.recipient(task.recipient, domain, outbound=task.direction == "outbound")
            if reply.positive:
                reply = (await relay.send([task.recipient], (task.headers, raw)))[0].reply
            return reply
        finally:
            await relay.close()

    async def _settle(self, task: Task, reply: Reply) -> None:
        text = f"{reply.code} {reply.text}"
        if 200 <= reply.code < 300:
            result = "sent"
            await self._database.write(lambda c: outbox.done(c, task))
        elif reply.code >= 500 or task.attempts >= self._settings.attempts:
            result = "failed"
            await self._database.write(lambda c: outbox.failed(c, task, text))
        else:
            result = "retry"
            await self._database.write(lambda c: outbox.retry(c, task, text))
        self._metrics.outbox.labels(result).inc()
