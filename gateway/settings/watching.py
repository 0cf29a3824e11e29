"""What an administrator looks at."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.settings.section import Section


class HttpSettings(Section):
    """Health and metrics."""

    listen: str = Field(
        default="127.0.0.1:9125", description="host:port of /healthz, /readyz and /metrics; empty turns it off."
    )


class LogSettings(Section):
    """The log on standard error, one JSON object an event."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level written.")
