"""What the gateway knows beyond a message: threat intelligence, and the mail that went before."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gateway.settings.section import Section


class IntelSettings(Section):
    """Threat intelligence. Asked for every message, whether the model answers or not."""

    store: Path | None = Field(
        default=None, description="File that `seg-ml intel update` writes; read anew when it is replaced."
    )


class CorrespondenceSettings(Section):
    """Who wrote to whom, in keyed hashes beside the SQLite file of `store.folder`. A gateway keeps its own."""

    enabled: bool = Field(default=False, description="Remember delivered and outgoing mail, and use what is known.")
    days: int = Field(default=180, ge=1, description="Days after which what was not seen again is forgotten.")
    learning_days: int = Field(
        default=14, ge=0, description="Days that a domain's mail is watched before what is unknown counts as new."
    )
    rows: int = Field(default=2_000_000, ge=1000, description="Rows of a table; beyond, the oldest are forgotten.")
