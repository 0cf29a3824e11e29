"""Settings of the gateway: one YAML file, overridden by `GATEWAY_*` variables.

`GATEWAY_SMTP__HOSTNAME=mx.example` sets `smtp.hostname`. An unknown key is an error that names it.
"""

from __future__ import annotations

import os
import socket
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from seg_ml.domain.errors import ConfigError

MIB = 1024 * 1024
Network = IPv4Network | IPv6Network


class Section(BaseModel):
    """A part of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SmtpSettings(Section):
    """The side that faces the sender."""

    listen: list[str] = Field(
        default=["127.0.0.1:2525"], description="Addresses to listen on, host:port; port 0 takes a free one."
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


class WorkerSettings(Section):
    """Processes that parse and look at mail away from the event loop, with limits."""

    processes: int = Field(default=2, ge=1, description="Worker processes.")
    memory: int = Field(default=1024 * MIB, ge=256 * MIB, description="Octets of data a worker may take.")
    cpu_seconds: int = Field(default=20, ge=1, description="CPU seconds one message may take.")
    deadline: float = Field(
        default=30.0, gt=0, description="Seconds one message may take, waiting for a worker included."
    )


class AuthenticationSettings(Section):
    """SPF, DKIM, DMARC and ARC."""

    enabled: bool = Field(default=True, description="Evaluate them; needs DNS.")
    nameservers: list[str] = Field(default=[], description="Resolvers; empty takes the system's.")
    dns_timeout: float = Field(default=5.0, gt=0, description="Seconds a lookup.")
    deadline: float = Field(
        default=15.0, gt=0, description="Seconds for all methods of a message; beyond, `temperror`."
    )


class StoreSettings(Section):
    """Trace, quarantine and outbox."""

    folder: Path = Field(
        default=Path("var/gateway"), description="Holds the blobs, and the SQLite file unless `url` says otherwise."
    )
    url: str = Field(
        default="", description="SQLAlchemy address, e.g. postgresql+psycopg://seg@db/seg; empty is SQLite in `folder`."
    )
    timeout: float = Field(default=10.0, gt=0, description="Seconds for a write; beyond, the sender gets 451.")
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


class HttpSettings(Section):
    """Health and metrics."""

    listen: str = Field(
        default="127.0.0.1:9125", description="host:port of /healthz, /readyz and /metrics; empty turns it off."
    )


class LogSettings(Section):
    """The log on standard error, one JSON object an event."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level written.")


class Settings(BaseSettings):
    """All settings. Build with `load_settings`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="GATEWAY_", env_nested_delimiter="__")

    smtp: SmtpSettings = Field(default=SmtpSettings(), description="The side that faces the sender.")
    relay: RelaySettings = Field(default=RelaySettings(), description="For whom mail is taken.")
    admission: AdmissionSettings = Field(default=AdmissionSettings(), description="Who is heard at all.")
    downstream: DownstreamSettings = Field(default=DownstreamSettings(), description="Where mail goes.")
    scoring: ScoringSettings = Field(default=ScoringSettings(), description="The model service.")
    workers: WorkerSettings = Field(default=WorkerSettings(), description="Worker processes.")
    authentication: AuthenticationSettings = Field(
        default=AuthenticationSettings(), description="SPF, DKIM, DMARC, ARC."
    )
    policy: Path | None = Field(
        default=None, description="policy.yaml; none takes the one that ships with the gateway."
    )
    store: StoreSettings = Field(default=StoreSettings(), description="Trace and quarantine.")
    outbox: OutboxSettings = Field(default=OutboxSettings(), description="Releases.")
    http: HttpSettings = Field(default=HttpSettings(), description="Health and metrics.")
    log: LogSettings = Field(default=LogSettings(), description="Log.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (which arrives as init arguments)."""
        return env_settings, init_settings

    @property
    def authserv_id(self) -> str:
        """Our name in Authentication-Results (RFC 8601 §2.5)."""
        return (self.smtp.authserv_id or self.smtp.hostname).lower()


def load_settings(path: Path | None = None) -> Settings:
    """Read the file (none: defaults) and the environment.

    Raises:
        ConfigError: the file cannot be read, or a key is unknown or has a wrong value; it names both.
    """
    data = _read(path) if path is not None else {}
    where = str(path) if path is not None else "settings"
    _check_environment()
    try:
        return Settings(**data)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_explain(error)}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text("utf-8")) or {}
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise ConfigError(f"{path}: must be a mapping of sections, such as `smtp:` and `relay:`")
    return data


def _check_environment() -> None:
    """pydantic-settings passes over unknown variables in silence; a typing error must not."""
    known = {name.upper() for name in Settings.model_fields}
    for variable in os.environ:
        name = variable.upper()
        if name.startswith("GATEWAY_") and name.removeprefix("GATEWAY_").split("__")[0] not in known:
            raise ConfigError(
                f"environment: {variable} names no setting; sections are: {', '.join(sorted(known)).lower()}"
            )


def _explain(error: ValidationError) -> str:
    def line(item: Any) -> str:
        key = ".".join(str(part) for part in item["loc"])
        unknown = item["type"] == "extra_forbidden"
        return f"{key}: unknown key" if unknown else f"{key}: {item['msg']} (got {item['input']!r})"

    return "; ".join(line(item) for item in error.errors())
