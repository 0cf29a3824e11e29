"""Settings of the gateway: one YAML file, overridden by `GATEWAY_*` variables.

`GATEWAY_SMTP__HOSTNAME=mx.example` sets `smtp.hostname`. An unknown key is an error that names it.
"""

from __future__ import annotations

from gateway.settings.admission import AdmissionSettings, AuthenticationSettings
from gateway.settings.downstream import DownstreamSettings, MxSettings, NextHop
from gateway.settings.knowledge import CorrespondenceSettings, IntelSettings
from gateway.settings.load import Settings, load_settings
from gateway.settings.scoring import ClamAvSettings, LimitSettings, ScoringSettings, WorkerSettings
from gateway.settings.section import MIB, Network, Section
from gateway.settings.smtp import RelaySettings, SmtpSettings
from gateway.settings.store import OutboxSettings, StoreSettings
from gateway.settings.submission import SubmissionSettings
from gateway.settings.watching import HttpSettings, LogSettings

__all__ = [
    "MIB",
    "AdmissionSettings",
    "AuthenticationSettings",
    "ClamAvSettings",
    "CorrespondenceSettings",
    "DownstreamSettings",
    "HttpSettings",
    "IntelSettings",
    "LimitSettings",
    "LogSettings",
    "MxSettings",
    "Network",
    "NextHop",
    "OutboxSettings",
    "RelaySettings",
    "ScoringSettings",
    "Section",
    "Settings",
    "SmtpSettings",
    "StoreSettings",
    "SubmissionSettings",
    "WorkerSettings",
    "load_settings",
]
