"""Asks the model service for a verdict. Whatever is wrong with the answer is `ScoringUnavailable`."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from typing import Any

import httpx

from gateway.scoring.breaker import Breaker
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import SchemaMismatch, ScoringOverloaded, ScoringTimeout, ScoringUnavailable
from seg_ml.domain.verdict import Verdict
from seg_ml.domain.wire import request_to_json, verdict_from_json

LARGEST_ANSWER = 1024 * 1024

# httpcore imports sniffio with every lock that it takes. Where it is missing, that searched the disk ten
# times a message: a fifth of the gateway's time.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]


class ScoringClient:
    """One pool of kept connections, a bound on requests under way, a deadline, a breaker."""

    def __init__(
        self,
        url: str,
        *,
        deadline: float,
        concurrency: int,
        breaker: Breaker,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url.rstrip("/") + "/score"
        self._deadline = deadline
        self._slots = asyncio.Semaphore(concurrency)
        self.breaker = breaker
        limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        self._http = httpx.AsyncClient(timeout=deadline, limits=limits, transport=transport, trust_env=False)

    async def score(self, request: ScoreRequest) -> Verdict:
        """The verdict on one message.

        Raises:
            ScoringTimeout: not within the deadline, waiting for a slot included.
            ScoringOverloaded: the service refuses work (429, 503).
            ScoringUnavailable: it cannot be reached, or its answer cannot be used.
        """
        if not self.breaker.allow():
            raise ScoringUnavailable("scoring: the breaker is open")
        try:
            # httpx limits each read, which a service that drips bytes never exceeds: this limits the whole.
            async with asyncio.timeout(self._deadline), self._slots:
                verdict = await self._ask(request)
        except TimeoutError as error:
            self.breaker.failure()
            raise ScoringTimeout(f"scoring: no verdict within {self._deadline:g} s") from error
        except ScoringUnavailable:
            self.breaker.failure()
            raise
        self.breaker.success()
        return verdict

    async def _ask(self, request: ScoreRequest) -> Verdict:
        content = await asyncio.to_thread(_encode, request)
        headers = {"Content-Type": "application/json"}
        try:
            async with self._http.stream("POST", self._url, content=content, headers=headers) as response:
                _check_status(response.status_code)
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise ScoringUnavailable("scoring: the answer is too large")
        except httpx.TimeoutException as error:
            raise ScoringTimeout("scoring: the service is silent") from error
        except httpx.HTTPError as error:
            raise ScoringUnavailable(f"scoring: {type(error).__name__}") from error
        return _decode(bytes(body))

    async def close(self) -> None:
        """Close the kept connections."""
        await self._http.aclose()


def _encode(request: ScoreRequest) -> bytes:
    return json.dumps({"requests": [request_to_json(request)]}).encode("ascii")


def _check_status(status: int) -> None:
    if status in (429, 503):
        raise ScoringOverloaded(f"scoring: the service answers {status}")
    if status != 200:
        raise ScoringUnavailable(f"scoring: the service answers {status}")


def _decode(body: bytes) -> Verdict:
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ScoringUnavailable("scoring: the answer is not JSON") from error
    if not isinstance(answer, list) or len(answer) != 1 or not isinstance(answer[0], dict):
        raise ScoringUnavailable("scoring: the answer is not a list of one verdict")
    try:
        return verdict_from_json(answer[0])
    except SchemaMismatch as error:
        raise ScoringUnavailable(f"scoring: {error}") from error
