"""All sections together, and how they are read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.settings.admission import AdmissionSettings, AuthenticationSettings
from gateway.settings.downstream import DownstreamSettings
from gateway.settings.knowledge import CorrespondenceSettings, IntelSettings
from gateway.settings.scoring import ClamAvSettings, LimitSettings, ScoringSettings, WorkerSettings
from gateway.settings.signatures import SignatureSection
from gateway.settings.smtp import RelaySettings, SmtpSettings
from gateway.settings.store import OutboxSettings, StoreSettings
from gateway.settings.submission import SubmissionSettings
from gateway.settings.watching import HttpSettings, LogSettings
from seg_ml.domain.errors import ConfigError


class Settings(BaseSettings):
    """All settings. Build with `load_settings`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="GATEWAY_", env_nested_delimiter="__")

    smtp: SmtpSettings = Field(default=SmtpSettings(), description="The side that faces the sender.")
    relay: RelaySettings = Field(default=RelaySettings(), description="For whom mail is taken.")
    submission: SubmissionSettings = Field(default=SubmissionSettings(), description="Who submits mail.")
    admission: AdmissionSettings = Field(default=AdmissionSettings(), description="Who is heard at all.")
    downstream: DownstreamSettings = Field(default=DownstreamSettings(), description="Where mail goes.")
    scoring: ScoringSettings = Field(default=ScoringSettings(), description="The model service.")
    clamav: ClamAvSettings = Field(default=ClamAvSettings(), description="ClamAV.")
    workers: WorkerSettings = Field(default=WorkerSettings(), description="Worker processes.")
    limits: LimitSettings = Field(default=LimitSettings(), description="What a message may be.")
    authentication: AuthenticationSettings = Field(
        default=AuthenticationSettings(), description="SPF, DKIM, DMARC, ARC."
    )
    signatures: SignatureSection = Field(default=SignatureSection(), description="What signatures know of the house.")
    intel: IntelSettings = Field(default=IntelSettings(), description="Threat intelligence.")
    correspondence: CorrespondenceSettings = Field(
        default=CorrespondenceSettings(), description="What is remembered of mail."
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
