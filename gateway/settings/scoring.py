"""The model service, and the processes that look at mail themselves."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from gateway.settings.section import MIB, Section
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS

_HOST_PORT = re.compile(r"[^\s/]+:[0-9]{1,5}")


class ScoringSettings(Section):
    """The model service, and what happens without it."""

    url: str = Field(default="http://127.0.0.1:3000", description="Base address of the service.")
    deadline: float = Field(default=20.0, gt=0, description="Seconds for one verdict.")
    concurrency: int = Field(default=16, ge=1, description="Requests under way at once.")
    mode: Literal["signatures", "tempfail", "open"] = Field(
        default="signatures",
        description="Without a verdict: signatures decide, all is deferred, or all is delivered tagged.",
    )
    breaker_failures: int = Field(default=5, ge=1, description="Failures in a row that open the breaker.")
    breaker_seconds: float = Field(
        default=10.0, gt=0, description="Seconds until an open breaker lets one request try again."
    )
    signatures: list[str] | None = Field(
        default=None, description="Signature ids for the fallback; none named takes the default set."
    )


class ClamAvSettings(Section):
    """A ClamAV daemon that looks at every message as well."""

    address: str = Field(
        default="", description="clamd's socket, `/path` or `host:port`; empty asks no ClamAV. It has no password."
    )
    required: bool = Field(
        default=False, description="Without its answer a message counts as unscored, whatever the model says."
    )
    deadline: float = Field(default=30.0, gt=0, description="Seconds for one message.")
    concurrency: int = Field(default=4, ge=1, description="Messages under way at once; clamd's MaxThreads or less.")
    breaker_failures: int = Field(default=5, ge=1, description="Failures in a row that open the breaker.")
    breaker_seconds: float = Field(default=10.0, gt=0, description="Seconds until an open breaker lets one try.")

    @field_validator("address")
    @classmethod
    def _known_form(cls, address: str) -> str:
        if address and not address.removeprefix("unix:").startswith("/") and not _HOST_PORT.fullmatch(address):
            raise ValueError("must be /path, unix:/path or host:port")
        return address


class WorkerSettings(Section):
    """Processes that parse and look at mail away from the event loop, with limits."""

    processes: int = Field(default=2, ge=1, description="Worker processes.")
    memory: int = Field(default=1024 * MIB, ge=256 * MIB, description="Octets of data a worker may take.")
    cpu_seconds: int = Field(default=20, ge=1, description="CPU seconds one message may take.")
    deadline: float = Field(
        default=30.0, gt=0, description="Seconds one message may take, waiting for a worker included."
    )


class LimitSettings(Section):
    """What a message may be. Beyond any of these it is `unscannable`: held, whatever the model says."""

    header_block: int = Field(default=64 * 1024, ge=1024, description="Octets of a header.")
    header_field: int = Field(default=8 * 1024, ge=998, description="Octets of a field that says who writes, or what.")
    header_fields: int = Field(default=500, ge=50, description="Fields of a header.")
    depth: int = Field(default=20, ge=1, description="Parts one inside another.")
    parts: int = Field(default=500, ge=1, description="Parts.")
    archive_depth: int = Field(default=DEFAULT_ARCHIVE_LIMITS.depth, ge=1, description="Archives one inside another.")
    archive_ratio: int = Field(
        default=DEFAULT_ARCHIVE_LIMITS.ratio,
        ge=10,
        description="Octets out of one octet of an archive, beyond the first MiB.",
    )
    archive_expanded: int = Field(
        default=DEFAULT_ARCHIVE_LIMITS.expanded,
        ge=MIB,
        description="Octets out of all archives of a message together.",
    )
    archive_members: int = Field(
        default=DEFAULT_ARCHIVE_LIMITS.members, ge=100, description="Files in all archives of a message together."
    )
    unread_archives: Literal["hold", "pass"] = Field(
        default="hold", description="Archives that nothing here opens, such as ARJ and ACE, or RAR without bsdtar."
    )
