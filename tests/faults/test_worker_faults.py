"""A worker dies on a message, swells, spins, hangs or raises: the message is held, the next one passes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.scoring import fallback
from gateway.testing import house
from gateway.testing_work import dies, hangs, raises, spins, swells

HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
LIMITS = {"memory": 512 << 20, "cpu_seconds": 1, "deadline": 10}


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (dies, "worker-crash"),
        (swells, "worker-crash"),
        (spins, "worker-crash"),
        (hangs, "worker-time"),
        (raises, "worker-error"),
    ],
)
def test_held_and_nobody_else_suffers(tmp_path: Path, work: object, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with house(tmp_path, workers=LIMITS) as running:
            assert (await running.send(HAM))[:3] == "250"  # the worker is warm
            running.gateway._workers.deadline = 2 if work is hangs else 30
            monkeypatch.setattr(fallback, "scan", work)
            assert (await running.send(HAM + b"again\r\n"))[:3] == "250"
            row = running.trace()[0]
            assert (row.outcome, row.rule, row.unscannable) == ("quarantined", "unscannable", why)
            monkeypatch.undo()
            running.gateway._workers.deadline = 30
            assert (await running.send(HAM))[:3] == "250"
            assert (len(running.held()), running.sink.messages) == (1, 2)

    asyncio.run(scenario())
