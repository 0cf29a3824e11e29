"""Asks the model about what was delivered without it, once it answers again.

The mail is with its reader by then; what is learned stands in the trace (`late`), in the log and in the
counters, for an administrator or a mailbox connector to act on.
"""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.log import get_logger
from gateway.metrics import Metrics
from gateway.policy.table import Direction
from gateway.scoring.breaker import Breaker
from gateway.smtp.judge import Judge, Judgement, Scores
from gateway.store import later
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.later import Waiting
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ScoringUnavailable, StoreError
from seg_ml.domain.verdict import Verdict

log = get_logger()


class Rescorer:
    """One loop, one message at a time: mail that arrives comes first."""

    def __init__(
        self, database: Database, blobs: Blobs, scorer: Scores, breaker: Breaker, judge: Judge, metrics: Metrics
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._scorer = scorer
        self._breaker = breaker
        self._judge = judge
        self._metrics = metrics

    async def run(self, interval: float) -> None:
        """Until cancelled."""
        while True:
            try:
                while not self._breaker.open and await self.step():
                    continue
            except StoreError as error:
                log.warning("rescoring", error=str(error))
            await asyncio.sleep(interval)

    async def step(self) -> bool:
        """Score one message that waits; whether there was one that could be scored.

        Raises:
            StoreError: the store cannot be used.
        """
        waiting = await self._database.write(later.take)
        if waiting is None:
            return False
        try:
            raw = await asyncio.to_thread(self._blobs.get, waiting.sha256)
            verdict = await self._scorer.score(ScoreRequest(raw, waiting.envelope, waiting.authentication))
        except StoreError:
            late: dict[str, Any] = {"problem": "the message is gone"}
        except ScoringUnavailable:
            return False
        else:
            late = self._late(waiting, verdict)
        await self._database.write(lambda c: later.settle(c, waiting.queue_id, late))
        log.info("late_verdict", queue_id=waiting.queue_id, **{k: late.get(k) for k in ("rule", "model_version")})
        return True

    def _late(self, waiting: Waiting, verdict: Verdict) -> dict[str, Any]:
        """The verdict, and what the policy would have made of it."""
        judgement = Judgement(waiting.authentication, verdict, verdict.findings)
        domain = waiting.envelope.forward_paths[0].rpartition("@")[2].lower() if waiting.envelope.forward_paths else ""
        decision = self._judge.decide(judgement, Direction.INBOUND, domain)
        self._metrics.late.labels(decision.disposition.value).inc()
        return {
            "disposition": decision.disposition.value,
            "rule": decision.rule,
            "label": verdict.label.value,
            "threat_probability": verdict.threat_probability,
            "model_version": verdict.model_version,
        }
