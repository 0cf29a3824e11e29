"""The model service fails in every way there is, in each of the three modes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.store.tables import unscored
from gateway.testing import FakeService, House, house

PLAIN = b"From: ann@sender.example\r\nTo: bob@house.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
LINK = PLAIN + b"http://intranet.sender.example/minutes\r\n"
EVIL = (
    PLAIN.replace(b"Subject: Minutes", b'Content-Type: application/octet-stream; name="invoice.pdf.exe"')
    + b"MZ"
    + b"x" * 200
    + b"\r\n"
)


async def break_service(running: House, fault: str) -> None:
    if fault == "refuse":
        await running.service.stop()
    running.service.fault = fault


@pytest.mark.parametrize("fault", FakeService.FAULTS)
def test_signatures_decide(tmp_path: Path, fault: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, scoring={"deadline": 0.4, "mode": "signatures"}) as running:
            await break_service(running, fault)
            assert (await running.send(PLAIN))[:3] == "250"
            assert (await running.send(LINK)).startswith("451 4.7.1")
            assert (await running.send(PLAIN))[:3] == "250"
            assert running.gateway._breaker.open
            assert [row.rule for row in running.trace()] == ["unscored-plain", "unscored-rest", "unscored-plain"]
            assert all(b"X-SEG-Verdict: tag; model=signatures; trace=" in raw for raw in running.sink.raw)
            assert all(b"X-SEG-Tag: unscored\r\n" in raw for raw in running.sink.raw)

    asyncio.run(scenario())


@pytest.mark.parametrize("fault", FakeService.FAULTS)
def test_tempfail_defers_everything(tmp_path: Path, fault: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, scoring={"deadline": 0.4, "mode": "tempfail"}) as running:
            await break_service(running, fault)
            for raw in (PLAIN, LINK):
                assert (await running.send(raw)).startswith("451 4.7.1")
            assert {(row.outcome, row.rule) for row in running.trace()} == {("deferred", "unscored-tempfail")}
            assert running.sink.messages == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("fault", FakeService.FAULTS)
def test_open_delivers_everything_tagged(tmp_path: Path, fault: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, scoring={"deadline": 0.4, "mode": "open"}) as running:
            await break_service(running, fault)
            for raw in (PLAIN, LINK):
                assert (await running.send(raw))[:3] == "250"
            assert {(row.outcome, row.rule) for row in running.trace()} == {("delivered", "unscored-open")}
            assert all(b"X-SEG-Tag: unscored\r\n" in raw for raw in running.sink.raw)

    asyncio.run(scenario())


def test_the_service_comes_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, scoring={"breaker_failures": 1, "breaker_seconds": 0.2}) as running:
            running.service.fault = "500"
            assert (await running.send(LINK))[:3] == "451"
            running.service.fault = ""
            await running.until(lambda: not running.gateway._breaker.open)
            assert (await running.send(LINK))[:3] == "250"
            assert running.trace()[0].rule == "clean"

    asyncio.run(scenario())


def test_what_was_delivered_unscored_is_scored_later(tmp_path: Path) -> None:
    async def scenario() -> None:
        scoring = {"breaker_failures": 1, "breaker_seconds": 0.2, "mode": "open"}
        async with house(tmp_path, scoring=scoring) as running:
            running.service.fault = "500"
            pills = PLAIN.replace(b"noon", b"cheap pills")
            assert (await running.send(pills))[:3] == "250"
            assert [row.late for row in running.trace()] == [None]
            running.service.fault = ""
            await running.gateway.store.database.write(lambda c: c.execute(update(unscored).values(next_at=0)))
            await running.until(lambda: running.trace()[0].late is not None)
            (row,) = running.trace()
            assert (row.outcome, row.late["rule"], row.late["label"]) == ("delivered", "spam", "spam")
            assert running.service.requests[-1].raw == pills

    asyncio.run(scenario())


def test_dangerous_content_is_held_without_the_model(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as running:
            await break_service(running, "refuse")
            assert (await running.send(EVIL))[:3] == "250"
            (row,) = running.trace()
            assert row.outcome == "quarantined" and row.rule in ("known-malicious", "unscored-dangerous")
            assert running.sink.messages == 0 and len(running.held()) == 1

    asyncio.run(scenario())


def test_what_cannot_be_looked_at_is_held(tmp_path: Path) -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(60))

    async def scenario() -> None:
        async with house(tmp_path) as running:
            for raw, why in ((deep, "depth-limit"), (b"A: b\r\n" * 600 + b"\r\n", "header-fields-limit")):
                assert (await running.send(raw))[:3] == "250"
                row = running.trace()[0]
                assert (row.outcome, row.rule, row.unscannable) == ("quarantined", "unscannable", why)

    asyncio.run(scenario())
