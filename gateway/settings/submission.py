"""Who submits mail."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gateway.settings.section import Section


class SubmissionSettings(Section):
    """Users who may send anywhere after AUTH. Needs `smtp.tls_certificate`: passwords travel over TLS alone."""

    users: Path | None = Field(
        default=None, description="File of `name:scrypt:…` lines, from `seg-gateway user`; none turns AUTH off."
    )
    senders: dict[str, list[str]] = Field(
        default={},
        description="By login: addresses and domains that a user may write from besides the address he logs in with; "
        "`.example.org` takes subdomains, `*` any.",
    )
    subaddress: str = Field(
        default="+", max_length=1, description="What begins a subaddress, which is its owner's as well; empty: nothing."
    )
    failures_per_minute: float = Field(
        default=10, ge=1, description="Wrong passwords a minute from one address; then 454 for right ones as well."
    )
