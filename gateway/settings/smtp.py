"""The side that faces the sender, and for whom mail is taken."""

from __future__ import annotations

import socket
from pathlib import Path

from pydantic import Field, field_validator

from gateway.settings.section import MIB, Network, Section


class SmtpSettings(Section):
    """The side that faces the sender."""

    listen: list[str] = Field(
        default=["127.0.0.1:2525"], description="Addresses to listen on, host:port; port 0 takes a free one."
    )
    listen_tls: list[str] = Field(
        default=[], description="The same, with TLS from the first byte (RFC 8314, port 465); needs `tls_certificate`."
    )
    hostname: str = Field(
        default_factory=socket.getfqdn, description="Our name in the greeting, in Received and at the next hop."
    )
    authserv_id: str = Field(default="", description="Our name in Authentication-Results; empty takes `hostname`.")
    size_limit: int = Field(default=26 * MIB, ge=64 * 1024, description="Largest message in octets (SIZE).")
    recipient_limit: int = Field(
        default=1000, ge=100, description="Recipients a transaction; RFC 5321 asks for at least 100."
    )
    received_limit: int = Field(default=50, ge=1, description="More Received fields than this are a loop.")
    command_timeout: float = Field(default=300.0, gt=0, description="Seconds to wait for a command.")
    data_timeout: float = Field(default=180.0, gt=0, description="Seconds to wait for the next block of DATA.")
    data_deadline: float = Field(default=1800.0, gt=0, description="Seconds that one message may take to arrive.")
    transaction_deadline: float = Field(default=240.0, gt=0, description="Seconds from the final dot to our answer.")
    greet_pause: float = Field(
        default=0.05, ge=0, description="Seconds before the greeting; who talks earlier is refused."
    )
    connections: int = Field(default=1000, ge=1, description="Connections at once; the next one is answered 421.")
    connections_per_client: int = Field(default=100, ge=1, description="Connections at once from one address.")
    messages_per_connection: int = Field(
        default=1000, ge=1, description="Messages before a connection is closed with 421."
    )
    errors_per_connection: int = Field(
        default=20, ge=1, description="Refused commands before a connection is closed with 421."
    )
    memory_limit: int = Field(
        default=512 * MIB, ge=64 * MIB, description="Octets of messages in memory at once; beyond, 421."
    )
    drain_deadline: float = Field(
        default=30.0, ge=0, description="Seconds that running transactions get after SIGTERM."
    )
    tls_certificate: Path | None = Field(default=None, description="PEM chain; with `tls_key` it turns STARTTLS on.")
    tls_key: Path | None = Field(default=None, description="PEM private key.")
    proxy_protocol_from: list[Network] = Field(default=[], description="Load balancers that speak the PROXY protocol.")
    xclient_from: list[Network] = Field(default=[], description="Hosts whose XCLIENT and XFORWARD are believed.")


class RelaySettings(Section):
    """For whom mail is taken."""

    domains: list[str] = Field(
        default=[], description="Recipient domains that anyone may send to; `.example.org` takes subdomains."
    )
    trusted_networks: list[Network] = Field(default=[], description="Clients that may send anywhere (outbound).")

    @field_validator("domains")
    @classmethod
    def _lower(cls, value: list[str]) -> list[str]:
        return [domain.lower() for domain in value]
