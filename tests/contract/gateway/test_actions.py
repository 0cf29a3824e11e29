"""Every registered action: one per disposition, one result per recipient, hold before send."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.actions.base import CATALOGUE, Batch, Result, Stage
from gateway.store.tables import Outcome
from seg_ml.domain.verdict import Decision, Disposition

RECIPIENTS = ("a@example.org", "b@example.org")
REPLIES = {Disposition.REJECT: "550 5.7.1 No", Disposition.DEFER: "451 4.7.1 Later"}
OUTCOMES = {
    Disposition.DELIVER: (Outcome.DELIVERED, 250),
    Disposition.TAG: (Outcome.DELIVERED, 250),
    Disposition.QUARANTINE: (Outcome.QUARANTINED, 250),
    Disposition.REJECT: (Outcome.REJECTED, 550),
    Disposition.DEFER: (Outcome.DEFERRED, 451),
}


class FakeTools:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.held: list[bytes] = []

    async def send(self, recipients: Sequence[str], parts: Sequence[bytes]) -> list[Result]:
        self.sent.append(b"".join(parts))
        return [Result(recipient, Outcome.DELIVERED, 250, "ok") for recipient in recipients]

    async def hold(self, recipients: Sequence[str], decision: Decision, headers: bytes) -> list[Result]:
        self.held.append(headers)
        return [Result(recipient, Outcome.QUARANTINED, 250, "ok", "h") for recipient in recipients]


def test_one_action_per_disposition() -> None:
    assert sorted(CATALOGUE) == sorted(disposition.value for disposition in Disposition)


@pytest.mark.parametrize("disposition", list(Disposition))
def test_one_result_per_recipient(disposition: Disposition) -> None:
    (cls,) = CATALOGUE.resolve([disposition.value])
    decision = Decision(disposition, "rule", REPLIES.get(disposition, ""))
    tools = FakeTools()
    results = asyncio.run(cls().apply(Batch(RECIPIENTS, decision, b"Ours: 1\r\n", b"A: b\r\n\r\n"), tools))
    outcome, code = OUTCOMES[disposition]
    assert [(r.recipient, r.outcome, r.code) for r in results] == [(r, outcome, code) for r in RECIPIENTS]
    assert cls().stage is {"quarantine": Stage.HOLD, "reject": Stage.REFUSE, "defer": Stage.REFUSE}.get(
        disposition, Stage.SEND
    )


def test_the_message_is_sent_untouched_behind_our_headers() -> None:
    tools = FakeTools()
    for disposition in (Disposition.DELIVER, Disposition.TAG):
        (cls,) = CATALOGUE.resolve([disposition.value])
        batch = Batch(RECIPIENTS, Decision(disposition, "rule"), b"Ours: 1\r\n", b"A: b\r\n\r\n", "unscored")
        asyncio.run(cls().apply(batch, tools))
    assert tools.sent == [b"Ours: 1\r\nA: b\r\n\r\n", b"Ours: 1\r\nX-SEG-Tag: unscored\r\nA: b\r\n\r\n"]
