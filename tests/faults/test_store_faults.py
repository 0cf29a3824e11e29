"""Quarantine, trace and database fail: nothing is delivered that is not recorded, nothing is acknowledged."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from gateway.store import quarantine, records
from gateway.store.database import Database
from gateway.testing import House, house
from seg_ml.domain.errors import StoreError

HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
SPAM = HAM.replace(b"noon", b"cheap pills")


def test_a_locked_database_defers_and_recovers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, store={"folder": tmp_path, "timeout": 0.5}) as running:
            other = Database(running.gateway.store.database.url)
            with other.engine.begin():
                for raw in (HAM, SPAM):
                    assert (await running.send(raw)).startswith("451 4.3.0")
            assert running.sink.messages == 0
            other.stop()
            assert (await running.send(HAM))[:3] == "250"

    asyncio.run(scenario())


def test_a_database_that_is_gone_defers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as running:
            database = running.gateway.store.database
            with database.engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE trace RENAME TO elsewhere")
            for raw in (HAM, SPAM):
                assert (await running.send(raw)).startswith("451 4.3.0")
            assert running.sink.messages == 0

    asyncio.run(scenario())


def test_a_quarantine_that_refuses_defers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as running:
            blobs = running.gateway.store.blobs.folder
            blobs.rmdir()
            blobs.write_bytes(b"a file where the folder was")
            assert (await running.send(SPAM)).startswith("451 4.3.0")
            assert (await running.send(HAM))[:3] == "250"
            assert running.held() == []
            assert [row.outcome for row in running.trace()] == ["delivered", "deferred"]

    asyncio.run(scenario())


def test_no_room_is_told_at_mail(tmp_path: Path) -> None:
    async def scenario() -> None:
        free = os.statvfs(tmp_path)
        more = free.f_blocks * free.f_frsize + 1
        async with house(tmp_path, store={"folder": tmp_path, "minimum_free": more}) as running:
            assert (await running.send(HAM)).startswith("452 4.3.1")
            assert running.sink.messages == 0

    asyncio.run(scenario())


def _break_finishing(running: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("store: gone")

    monkeypatch.setattr(records, "finish_trace", refuse)


def test_what_cannot_be_recorded_after_the_dot_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as running:
            _break_finishing(running, monkeypatch)
            assert (await running.send(HAM)).startswith("451 4.3.0")
            assert [row.outcome for row in running.trace()] == ["pending"]
        monkeypatch.undo()
        async with house(tmp_path) as running:  # the next start finds it
            assert [row.outcome for row in running.trace()] == ["unknown"]

    asyncio.run(scenario())


def test_a_hold_that_was_not_acknowledged_is_held_once_after_the_retry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as running:
            _break_finishing(running, monkeypatch)
            assert (await running.send(SPAM)).startswith("451 4.3.0")
            monkeypatch.undo()
            assert (await running.send(SPAM))[:3] == "250"
            assert [held.state for held in running.held()] == ["final"]

    asyncio.run(scenario())


def test_a_blob_that_is_damaged_is_not_released(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as running:
            assert (await running.send(SPAM))[:3] == "250"
            (held,) = running.held()
            running.gateway.store.blobs.path(held.sha256).write_bytes(b"damaged")
            await running.gateway.store.database.write(lambda c: quarantine.release(c, held.id))
            await running.until(lambda: [row.state for row in running.held()] == ["final"])
            assert running.sink.messages == 0

    asyncio.run(scenario())
