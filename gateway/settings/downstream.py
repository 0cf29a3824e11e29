"""Where mail goes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.settings.section import Network, Section


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


class MxSettings(Section):
    """How `outbound: mx` finds and checks the servers of other domains."""

    port: int = Field(default=25, ge=1, le=65535, description="Their TCP port.")
    tls: Literal["opportunistic", "required"] = Field(
        default="opportunistic", description="For domains that publish neither TLSA records nor an MTA-STS policy."
    )
    ca_file: Path | None = Field(default=None, description="CA bundle for names of hosts; the system's by default.")
    validating_resolvers: list[str] = Field(
        default=[],
        description="Resolvers that check DNSSEC, on this host or a path nobody else can write to, `address` or "
        "`address:port`; they turn DANE on. None: the resolvers of `authentication`, and no DANE.",
    )
    mta_sts: bool = Field(default=True, description="Fetch and keep MTA-STS policies.")
    private_networks: list[Network] = Field(
        default=[], description="Networks without public addresses in which hosts of other domains may be."
    )
    deadline: float = Field(default=60.0, gt=0, description="Seconds to find a server, all tries together.")
    connect_timeout: float = Field(default=10.0, gt=0, description="Seconds for one try.")
    command_timeout: float = Field(default=60.0, gt=0, description="Seconds for a reply to MAIL, RCPT and DATA.")
    data_timeout: float = Field(default=120.0, gt=0, description="Seconds for the reply to the final dot.")


class DownstreamSettings(Section):
    """Where mail goes."""

    inbound: NextHop = Field(default=NextHop(), description="For the recipients of `relay.domains`.")
    outbound: NextHop | Literal["mx"] | None = Field(
        default=None, description="For all other recipients of trusted clients: a server, or `mx` for their own."
    )
    domains: dict[str, NextHop] = Field(default={}, description="Recipient domains with a server of their own.")
    mx: MxSettings = Field(default=MxSettings(), description="How `outbound: mx` finds and checks servers.")
