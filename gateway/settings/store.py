"""What is kept, and what is sent from there."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gateway.settings.section import MIB, Section


class StoreSettings(Section):
    """Trace, quarantine and outbox."""

    folder: Path = Field(
        default=Path("var/gateway"), description="Holds the blobs, and the SQLite file unless `url` says otherwise."
    )
    url: str = Field(
        default="", description="SQLAlchemy address, e.g. postgresql+psycopg://seg@db/seg; empty is SQLite in `folder`."
    )
    timeout: float = Field(default=10.0, gt=0, description="Seconds for a write; beyond, the sender gets 451.")
    start_patience: float = Field(
        default=60.0, ge=0, description="Seconds at the start to wait for a database that does not answer yet."
    )
    minimum_free: int = Field(default=64 * MIB, ge=0, description="Octets that must be free at MAIL; below, 452 4.3.1.")
    trace_days: int = Field(default=30, ge=1, description="Days that trace rows are kept.")
    quarantine_days: int = Field(default=30, ge=1, description="Days that held messages are kept.")

    @property
    def database_url(self) -> str:
        """The address of the database, `folder`'s SQLite file by default."""
        return self.url or f"sqlite:///{self.folder.absolute() / 'gateway.db'}"


class OutboxSettings(Section):
    """Releases from quarantine."""

    interval: float = Field(default=5.0, gt=0, description="Seconds between looks at the outbox.")
    lease: float = Field(default=300.0, gt=0, description="Seconds that a worker owns an entry.")
    attempts: int = Field(
        default=20, ge=1, description="Tries before an entry is given back to the quarantine as failed."
    )
