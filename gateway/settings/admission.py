"""Who is heard, and who proves to be whom."""

from __future__ import annotations

from pydantic import Field

from gateway.settings.section import Network, Section


class AdmissionSettings(Section):
    """Who is heard at all. Lists of senders take addresses, domains, and `.example.org` for subdomains."""

    allow_clients: list[Network] = Field(default=[], description="Clients that no check here stops.")
    deny_clients: list[Network] = Field(default=[], description="Clients that are refused at connection.")
    allow_senders: list[str] = Field(
        default=[],
        description="Authors whose mail is delivered whatever the model says, if DMARC or an aligned SPF or DKIM "
        "proves them, and neither limits nor critical findings speak against it.",
    )
    deny_senders: list[str] = Field(default=[], description="Senders and authors that are refused.")
    client_messages_per_minute: float = Field(default=0, ge=0, description="Messages a minute and client; 0: any.")
    login_messages_per_minute: float = Field(default=0, ge=0, description="The same per authenticated sender.")
    blocklists: list[str] = Field(default=[], description="DNS blocklists, in the order in which they are asked.")
    blocklist_deadline: float = Field(default=3.0, gt=0, description="Seconds for all of them together.")
    greylist_delay: float = Field(default=0, ge=0, description="Seconds a new sender has to wait; 0: no greylisting.")
    greylist_days: float = Field(default=35, gt=0, description="Days that a sender who waited is remembered.")


class AuthenticationSettings(Section):
    """SPF, DKIM, DMARC, ARC and iprev."""

    enabled: bool = Field(default=True, description="Evaluate them; needs DNS.")
    nameservers: list[str] = Field(default=[], description="Resolvers; empty takes the system's.")
    dns_timeout: float = Field(default=5.0, gt=0, description="Seconds a lookup.")
    deadline: float = Field(
        default=15.0, gt=0, description="Seconds for all methods of a message; beyond, `temperror`."
    )
