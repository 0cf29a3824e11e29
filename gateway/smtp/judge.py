"""One message before the policy: who sent it, what it holds, what the model says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from gateway.authentication.fields import author
from gateway.policy.evaluate import Policy
from gateway.policy.table import Case, Direction
from gateway.scoring.clamav import Scans, unreachable
from gateway.scoring.fallback import Inspection
from gateway.smtp.admission import on_list
from gateway.smtp.replies import UNSCORED
from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.domain.errors import ScoringOverloaded, ScoringTimeout, ScoringUnavailable
from seg_ml.domain.verdict import Decision, Disposition, Finding, Severity, Verdict

T = TypeVar("T")
Mode = Literal["signatures", "tempfail", "open"]


class Scores(Protocol):
    """The model service."""

    async def score(self, request: ScoreRequest) -> Verdict:
        """A verdict, or `ScoringUnavailable`."""
        ...


class Inspects(Protocol):
    """The worker processes."""

    async def scan(self, raw: bytes) -> Inspection:
        """Read within limits."""
        ...

    async def inspect(self, request: ScoreRequest) -> Inspection:
        """Read, and ask the signatures."""
        ...

    async def look_up(self, request: ScoreRequest) -> tuple[Finding, ...]:
        """Ask those signatures that need what only the gateway has."""
        ...


class Authenticates(Protocol):
    """SPF, DKIM, DMARC, ARC and iprev."""

    async def authenticate(self, raw: bytes, envelope: Envelope) -> AuthenticationResults:
        """Never raises on content or DNS."""
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that a decision depends on. `unscored` says why the model's verdict does not count, empty where it does."""

    authentication: AuthenticationResults = field(default_factory=AuthenticationResults)
    verdict: Verdict | None = None
    findings: tuple[Finding, ...] = ()
    plain: bool = False
    unscannable: str = ""
    unscored: str = ""
    author: str = ""
    milliseconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authors:
    """Lists of authors. From is written by whoever wrote the mail: an allowed one counts only where it is proven."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    def decide(self, judgement: Judgement) -> Decision | None:
        """The decision for a listed author, `None` for all others."""
        address, domain = judgement.author, judgement.author.rpartition("@")[2]
        if on_list(address, domain, self.deny):
            return Decision(Disposition.REJECT, "deny-list", "550 5.7.1 Sender address is refused")
        case = Case(Direction.INBOUND, None, judgement.findings, judgement.authentication)
        proven = judgement.authentication.evaluated and case.authenticated
        harmless = not judgement.unscannable and case.severity < Severity.CRITICAL
        if proven and harmless and on_list(address, domain, self.allow):
            return Decision(Disposition.DELIVER, "allow-list")
        return None


class Judge:
    """Asks everybody, at the same time where they do not need each other."""

    def __init__(
        self,
        authenticator: Authenticates | None,
        scorer: Scores,
        inspector: Inspects,
        policy: Policy,
        mode: Mode,
        authors: Authors = Authors(),
        clamav: Scans | None = None,
    ) -> None:
        self._authenticator = authenticator
        self._scorer = scorer
        self._inspector = inspector
        self._policy = policy
        self._mode = mode
        self._authors = authors
        self._clamav = clamav

    @property
    def asks_clamav(self) -> bool:
        """Whether ClamAV looks at messages as well."""
        return self._clamav is not None

    async def judge(self, raw: bytes, envelope: Envelope, *, trusted: bool = False) -> Judgement:
        """Look at one message. A trusted client's is not authenticated: SPF says nothing about submission.

        Raises:
            WorkersBusy: nobody was free to look.
        """
        steps: dict[str, float] = {}
        authentication = AuthenticationResults()
        scanning = asyncio.create_task(_timed(steps, "scan", self._inspector.scan(raw)))
        asking = asyncio.create_task(self._ask_clamav(raw, steps))
        try:
            if self._authenticator is not None and not trusted:
                work = self._authenticator.authenticate(raw, envelope)
                authentication = await _timed(steps, "authentication", work)
            request = ScoreRequest(raw, envelope, authentication)
            verdict, unscored = await self._score(request, steps)
            looked_up = await _timed(steps, "look-up", self._inspector.look_up(request))
            scan = await scanning
            known = (*looked_up, *await asking)
        finally:
            scanning.cancel()
            asking.cancel()
        findings = verdict.findings if verdict else ()
        if self._clamav is not None and self._clamav.required and unreachable(known):
            unscored = unscored or "clamav"
        if unscored and not scan.unscannable and self._mode == "signatures":
            scan = await _timed(steps, "signatures", self._inspector.inspect(request))
            findings = scan.findings or findings
        return Judgement(
            authentication,
            verdict,
            (*findings, *(finding for finding in known if finding not in findings)),
            scan.plain,
            scan.unscannable,
            unscored,
            author(raw) or "",
            steps,
        )

    async def _ask_clamav(self, raw: bytes, steps: dict[str, float]) -> tuple[Finding, ...]:
        if self._clamav is None:
            return ()
        return await _timed(steps, "clamav", self._clamav.scan(raw))

    async def _score(self, request: ScoreRequest, steps: dict[str, float]) -> tuple[Verdict | None, str]:
        try:
            verdict = await _timed(steps, "scoring", self._scorer.score(request))
        except ScoringTimeout:
            return None, "timeout"
        except ScoringOverloaded:
            return None, "overloaded"
        except ScoringUnavailable:
            return None, "unavailable"
        # Without DNS nobody knows who wrote: the model was not told what it was trained to know.
        return verdict, "dns" if dns_failed(request.authentication) else ""

    def decide(self, judgement: Judgement, direction: Direction, domain: str) -> Decision:
        """What becomes of one recipient's copy."""
        listed = self._authors.decide(judgement)
        if listed is not None:
            return listed
        if judgement.unscored and not judgement.unscannable:
            if self._mode == "tempfail":
                return Decision(Disposition.DEFER, "unscored-tempfail", f"{UNSCORED.code} {UNSCORED.text}")
            if self._mode == "open":
                return Decision(Disposition.TAG, "unscored-open")
        case = Case(
            direction=direction,
            verdict=None if judgement.unscored else judgement.verdict,
            findings=judgement.findings,
            authentication=judgement.authentication,
            plain=judgement.plain,
            unscannable=judgement.unscannable,
        )
        return self._policy.decide(case, domain)


def dns_failed(results: AuthenticationResults) -> bool:
    """Whether the author's domain could not be checked for want of an answer."""
    return results.dmarc == "temperror"


async def _timed(steps: dict[str, float], step: str, work: Awaitable[T]) -> T:
    started = time.perf_counter()
    try:
        return await work
    finally:
        steps[step] = round((time.perf_counter() - started) * 1000, 1)
