"""What a worker does with a message: read it within the limits, and let signatures judge where no model does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gateway.scoring.workers import WorkerFailed, Workers, WorkersBusy
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Defect, Message
from seg_ml.domain.verdict import Finding, Severity
from seg_ml.mail.limits import DEFAULT_LIMITS, Limits
from seg_ml.mail.parse import parse
from seg_ml.signatures.archives import archives_of
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits

TELLING = frozenset({"from", "sender", "reply-to", "subject", "content-type"})
"""Fields that say who writes and what the message is."""

AMBIGUOUS = frozenset(
    {"parts-after-end", "boundary-never-seen", "no-boundary", "base64-after-padding", "unknown-transfer-encoding"}
)
"""Defects of structure on which mail programs differ, so that one shows what another never saw."""


UNREAD_SIGNATURES = ("archive-unread",)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was seen without the model. `unscannable` names why not all was seen, empty where all was."""

    findings: tuple[Finding, ...] = ()
    plain: bool = False
    unscannable: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a message may be; archives of kinds that are not opened are held unless `pass_unread`."""

    parser: Limits = DEFAULT_LIMITS
    archives: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS
    pass_unread: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Files that signatures look things up in; none where there is none."""

    intel: Path | None = None
    correspondence: Path | None = None
    learning_days: int = 14

    @property
    def signatures(self) -> tuple[str, ...]:
        """Those that need a file which is there: the model service has none, so they are asked here in any case."""
        known = ("known-indicator",) if self.intel is not None else ()
        return (*known, "first-contact", "thread-hijack") if self.correspondence is not None else known


NOTHING_KNOWN = Knowledge()
DEFAULT_BOUNDS = Bounds()


class Inspector:
    """Looks at messages in worker processes."""

    def __init__(
        self,
        workers: Workers,
        signatures: Sequence[str] | None,
        bounds: Bounds = DEFAULT_BOUNDS,
        knowledge: Knowledge = NOTHING_KNOWN,
    ) -> None:
        self._workers = workers
        self._bounds = bounds
        self._knowledge = knowledge
        self._signatures = None if signatures is None else tuple(signatures)

    async def scan(self, raw: bytes) -> Inspection:
        """Read a message within the parser's limits.

        Raises:
            WorkersBusy: no worker came free.
        """
        try:
            return await self._workers.run(scan, raw, self._bounds)
        except WorkerFailed as failure:
            return Inspection(unscannable=f"worker-{failure.reason}")

    async def inspect(self, request: ScoreRequest) -> Inspection:
        """`scan`, and the findings of all signatures.

        Raises:
            WorkersBusy: no worker came free.
        """
        try:
            return await self._workers.run(inspect, request, self._signatures, self._bounds, self._knowledge)
        except WorkerFailed as failure:
            return Inspection(unscannable=f"worker-{failure.reason}")

    async def look_up(self, request: ScoreRequest) -> tuple[Finding, ...]:
        """The findings of signatures that need what only the gateway has; none where a worker fails on the message.

        Raises:
            WorkersBusy: no worker came free.
        """
        wanted = self._knowledge.signatures
        if not wanted:
            return ()
        try:
            seen: Inspection = await self._workers.run(inspect, request, wanted, self._bounds, self._knowledge)
        except WorkerFailed:
            return ()  # `scan` fails on it as well, and says so
        return seen.findings

    async def warm_up(self, processes: int) -> str:
        """Let every worker load its signatures; returns what is wrong, or nothing."""
        results = await asyncio.gather(*(self._load() for _ in range(processes)))
        return next(filter(None, results), "")

    async def _load(self) -> str:
        try:
            await self._workers.run(load, self._signatures, self._bounds, self._knowledge)
        except (WorkerFailed, WorkersBusy) as failure:
            return str(failure)
        return ""


def load(signatures: tuple[str, ...] | None, bounds: Bounds, knowledge: Knowledge) -> None:
    """Runs in a worker: what is slow the first time."""
    inspect(ScoreRequest(b"From: a@b.invalid\r\n\r\n"), signatures, bounds, knowledge)


def scan(raw: bytes, bounds: Bounds = DEFAULT_BOUNDS) -> Inspection:
    """Runs in a worker."""
    message = parse(raw, bounds.parser)
    return _look(message, (), _unread(ScoreRequest(raw), message, bounds))


def inspect(
    request: ScoreRequest,
    signatures: tuple[str, ...] | None,
    bounds: Bounds = DEFAULT_BOUNDS,
    knowledge: Knowledge = NOTHING_KNOWN,
) -> Inspection:
    """Runs in a worker."""
    message = parse(request.raw, bounds.parser)
    findings = _engine(signatures, bounds.archives, knowledge).inspect(request, message)
    return _look(message, findings, _unread(request, message, bounds))


def _unread(request: ScoreRequest, message: Message, bounds: Bounds) -> str:
    """Why attachments were not seen to their end. Milder findings (damage, Outlook's TNEF) are the policy's matter."""
    if not message.attachments:
        return ""
    too_much = next((archive.limit for archive in archives_of(message, bounds.archives) if archive.limit), "")
    if too_much or bounds.pass_unread:
        return too_much
    findings = _engine(UNREAD_SIGNATURES, bounds.archives).inspect(request, message)
    return "archive-unread" if any(finding.severity >= Severity.MEDIUM for finding in findings) else ""


@lru_cache(maxsize=4)
def _engine(
    signatures: tuple[str, ...] | None, archives: ArchiveLimits, knowledge: Knowledge = NOTHING_KNOWN
) -> SignatureEngine:
    settings = SignatureSettings(
        archives=archives,
        intel_store=knowledge.intel,
        correspondence_store=knowledge.correspondence,
        learning_days=knowledge.learning_days,
    )
    return SignatureEngine.from_ids(signatures, settings)


def _look(message: Message, findings: tuple[Finding, ...], unread: str) -> Inspection:
    plain = not message.links and not message.attachments
    return Inspection(findings, plain, next(filter(None, map(_hides, message.defects)), unread))


def _hides(defect: Defect) -> str:
    """Why something may lie where nobody looked: a limit was met, or readers disagree on what the message is.

    None of these occurs in 8,850 wanted messages of five public corpora. What does occur there is let be: long
    lists of recipients, a second MIME-Version, a multipart that does not close.
    """
    field = defect.detail.partition(":")[0].lower()
    if defect.code == "header-field-limit":
        return defect.code if field in TELLING or field.startswith("content-") else ""
    if defect.code.endswith("-limit") or defect.code in AMBIGUOUS:
        return defect.code
    if defect.code == "duplicate-header" and field in TELLING:
        return f"duplicate-{field}"
    return ""
