"""Parts of the gateway from the sections of its settings; `bootstrap` puts them together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.authentication.senders import Senders
from gateway.authentication.users import Users
from gateway.metrics import Metrics
from gateway.scoring.breaker import Breaker
from gateway.scoring.clamav import ClamAv
from gateway.scoring.fallback import Bounds
from gateway.scoring.workers import Workers
from gateway.settings import ClamAvSettings, LimitSettings, Settings, SubmissionSettings
from gateway.smtp.guard import Guard
from gateway.smtp.memory import Memory
from seg_ml.mail.limits import Limits
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.unpack.limits import ArchiveLimits


def bounds(limits: LimitSettings) -> Bounds:
    """What a message may be, for the worker processes; what the parser bounds besides is the model's matter."""
    parser = Limits(limits.header_block, limits.header_field, limits.header_fields, limits.depth, limits.parts)
    return Bounds(parser, limits.unread_archives == "pass")


def archive_limits(limits: LimitSettings) -> ArchiveLimits:
    """What is unpacked of one message."""
    return ArchiveLimits(limits.archive_depth, limits.archive_ratio, limits.archive_expanded, limits.archive_members)


def guard(users: Users | None, wanted: SubmissionSettings) -> Guard:
    """Who may log in, and whom he writes as."""
    return Guard(users, Senders(wanted.senders, wanted.subaddress), wanted.failures_per_minute)


def clamav(wanted: ClamAvSettings) -> ClamAv | None:
    """The daemon that the settings name, `None` where they name none."""
    if not wanted.address:
        return None
    breaker = Breaker(wanted.breaker_failures, wanted.breaker_seconds)
    return ClamAv(
        wanted.address,
        deadline=wanted.deadline,
        concurrency=wanted.concurrency,
        breaker=breaker,
        required=wanted.required,
    )


def signature_settings(settings: Settings) -> SignatureSettings:
    """What signatures know, of all sections that say something of it."""
    wanted, memory_of = settings.signatures, settings.correspondence
    return SignatureSettings(
        organization=wanted.organization.organization(),
        brand_tables=tuple(wanted.brand_tables),
        yara_folders=tuple(wanted.yara_folders),
        hash_lists=tuple(wanted.hash_lists),
        rule_files=tuple(wanted.rule_files),
        intel_store=settings.intel.store,
        correspondence_store=correspondence_path(settings) if memory_of.enabled else None,
        learning_days=memory_of.learning_days,
        archives=archive_limits(settings.limits),
        similar_lists=tuple(wanted.similar_lists),
        similar_distance=wanted.similar_distance,
        campaign_store=wanted.campaign_store,
        campaign_share=wanted.campaign_share,
        ocr=wanted.ocr,
    )


def check_known(settings: Settings) -> SignatureSettings:
    """What signatures know, after those that need it have read it once.

    Raises:
        ConfigError: a file that they are to read is missing or wrong.
    """
    # The memory of mail is made when the gateway starts.
    known = replace(signature_settings(settings), correspondence_store=None)
    SignatureEngine.from_ids(known.needing, known)
    if known.brand_tables:
        brand_table(known)
    return known


def memory(settings: Settings, workers: Workers, limits: Bounds, metrics: Metrics) -> Memory | None:
    """What remembers delivered mail, `None` where nothing is to.

    Raises:
        ConfigError: its file cannot be opened.
    """
    wanted = settings.correspondence
    if not wanted.enabled:
        return None
    return Memory(
        correspondence_path(settings), workers.run, limits.parser, metrics, days=wanted.days, rows=wanted.rows
    )


def correspondence_path(settings: Settings) -> Path:
    """The file of what is remembered."""
    return settings.store.folder / "correspondence.db"
