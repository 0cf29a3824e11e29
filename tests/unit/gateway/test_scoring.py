"""The client: one good answer, and every bad one as ScoringUnavailable; the breaker; the workers."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.scoring.breaker import Breaker
from gateway.scoring.client import ScoringClient
from gateway.scoring.fallback import Inspector
from gateway.scoring.workers import WorkerFailed, Workers
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ScoringOverloaded, ScoringTimeout, ScoringUnavailable
from seg_ml.domain.verdict import Label, Verdict
from seg_ml.domain.wire import request_from_json, verdict_to_json

PLAIN = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
GOOD = verdict_to_json(Verdict(Label.HAM, {"ham": 0.9, "spam": 0.1}, model_version="seg-mail/7"))
Handler = Callable[[httpx.Request], Any]


def ask(handler: Handler, *, deadline: float = 5.0, times: int = 1, breaker: Breaker | None = None) -> Verdict:
    async def scenario() -> Verdict:
        breaker_ = breaker or Breaker(5, 60)
        transport = httpx.MockTransport(handler)
        client = ScoringClient("http://s", deadline=deadline, concurrency=2, breaker=breaker_, transport=transport)
        try:
            for _ in range(times - 1):
                with pytest.raises(ScoringUnavailable):
                    await client.score(ScoreRequest(PLAIN))
            return await client.score(ScoreRequest(PLAIN))
        finally:
            await client.close()

    return asyncio.run(scenario())


def test_a_verdict() -> None:
    seen: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url == "http://s/score"
        seen.append(request_from_json(json.loads(request.content)["requests"][0]).raw)
        return httpx.Response(200, json=[GOOD])

    assert ask(handler).model_version == "seg-mail/7"
    assert seen == [PLAIN]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[" * 100_000,
        b"{}",
        b"[]",
        b"[1]",
        json.dumps([GOOD, GOOD]).encode(),
        json.dumps([GOOD | {"label": "nice"}]).encode(),
        json.dumps([GOOD | {"probabilities": {"ham": math.nan, "spam": 1}}]).encode(),
        json.dumps([GOOD | {"probabilities": {"ham": 0.9, "spam": 0.9}}]).encode(),
        json.dumps([{key: value for key, value in GOOD.items() if key != "model_version"}]).encode(),
        b" " * 2_000_000,
    ],
)
def test_unusable_answers(body: bytes) -> None:
    with pytest.raises(ScoringUnavailable):
        ask(lambda _: httpx.Response(200, content=body))


@pytest.mark.parametrize(
    ("status", "error"), [(500, ScoringUnavailable), (503, ScoringOverloaded), (429, ScoringOverloaded)]
)
def test_statuses(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(lambda _: httpx.Response(status))


def test_refused_connection() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ScoringUnavailable):
        ask(handler)


def test_a_slow_drip_meets_the_deadline() -> None:
    async def drip() -> Any:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    with pytest.raises(ScoringTimeout):
        ask(lambda _: httpx.Response(200, content=drip()), deadline=0.2)


def test_the_breaker_opens_and_tries_again() -> None:
    now, calls = [0.0], [0]
    breaker = Breaker(2, 10, clock=lambda: now[0])

    def handler(_: httpx.Request) -> httpx.Response:
        calls[0] += 1
        return httpx.Response(500 if calls[0] <= 2 else 200, json=[GOOD])

    with pytest.raises(ScoringUnavailable, match="breaker"):
        ask(handler, times=3, breaker=breaker)
    assert calls == [2]
    now[0] = 11.0
    assert ask(handler, breaker=breaker).label is Label.HAM
    assert breaker.allow() and breaker.allow()


def test_only_one_caller_tries_a_failing_service() -> None:
    now = [0.0]
    breaker = Breaker(1, 10, clock=lambda: now[0])
    breaker.failure()
    now[0] = 11.0
    assert [breaker.allow(), breaker.allow(), breaker.allow()] == [True, False, False]


@pytest.mark.parametrize(
    ("work", "deadline", "reason"),
    [
        ((time.sleep, 3600), 0.5, "time"),
        ((os._exit, 1), 30, "crash"),
        ((exec, "while True: pass"), 30, "crash"),
        ((bytearray, 2 * 1024**3), 30, "crash"),
        ((int, "none"), 30, "error"),
    ],
)
def test_a_worker_that_fails_is_replaced(work: tuple[Any, ...], deadline: float, reason: str) -> None:
    async def scenario() -> None:
        workers = Workers(1, memory=512 * 1024**2, cpu_seconds=1, deadline=30)
        try:
            await workers.run(os.getpid)
            workers.deadline = deadline
            with pytest.raises(WorkerFailed) as caught:
                await workers.run(*work)
            assert caught.value.reason == reason
            workers.deadline = 30
            assert await workers.run(os.getpid) != os.getpid()
        finally:
            workers.stop()

    asyncio.run(scenario())


PARTS = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\none\r\n'
HIDING = [
    (b"Content-Type: text/plain\r\n" * 2 + PLAIN, "duplicate-content-type"),
    (b"From: b@bank.example\r\n" + PLAIN, "duplicate-from"),
    (b"Content-Transfer-Encoding: rot13\r\n" + PLAIN, "unknown-transfer-encoding"),
    (PARTS + b"--b--\r\n--b\r\n\r\ntwo\r\n", "parts-after-end"),
    (b"Content-Type: multipart/mixed\r\n" + PLAIN, "no-boundary"),
    (b"Subject: " + b"x" * 9000 + b"\r\n" + PLAIN, "header-field-limit"),
    (b"To: " + b"a@example.org, " * 700 + b"b@example.org\r\n" + PLAIN, ""),
    (b"MIME-Version: 1.0\r\n" * 2 + PLAIN, ""),
    (PARTS, ""),
]


def test_the_inspector_looks_and_names_what_hides() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(60))

    async def scenario() -> None:
        workers = Workers(1, memory=2048 * 1024**2, cpu_seconds=20, deadline=60)
        try:
            inspector = Inspector(workers, None)
            plain = await inspector.scan(PLAIN)
            assert (plain.plain, plain.unscannable) == (True, "")
            assert (await inspector.scan(deep)).unscannable == "depth-limit"
            for raw, why in HIDING:
                assert (await inspector.scan(raw)).unscannable == why, raw[:60]
            inspected = await inspector.inspect(ScoreRequest(PLAIN))
            assert inspected.plain and isinstance(inspected.findings, tuple)
        finally:
            workers.stop()

    asyncio.run(scenario())
