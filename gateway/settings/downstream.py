"""Where mail goes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.settings.section import Section


class NextHop(Section):
    """A server that takes the mail."""

    host: str = Field(default="127.0.0.1", description="Host name or address.")
    port: int = Field(default=10025, ge=0, le=65535, description="TCP port.")
    tls: Literal["none", "opportunistic", "required"] = Field(
        default="opportunistic", description="STARTTLS towards it; `required` verifies the certificate."
    )
    ca_file: Path | None = Field(default=None, description="CA bundle for `required`; the system's by default.")
    connect_timeout: float = Field(default=10.0, gt=0, description="Seconds to connect and be greeted.")
    command_timeout: float = Field(default=60.0, gt=0, description="Seconds for a reply to MAIL, RCPT and DATA.")
    data_timeout: float = Field(default=120.0, gt=0, description="Seconds for the reply to the final dot.")


class DownstreamSettings(Section):
    """Where mail goes."""

    inbound: NextHop = Field(default=NextHop(), description="For the recipients of `relay.domains`.")
    outbound: NextHop | None = Field(default=None, description="For all other recipients of trusted clients.")
    domains: dict[str, NextHop] = Field(default={}, description="Recipient domains with a server of their own.")
