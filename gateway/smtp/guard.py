"""What guards AUTH, for all sessions together."""

from __future__ import annotations

import asyncio

from gateway.authentication.senders import Senders
from gateway.authentication.users import Users
from gateway.settings import Settings
from gateway.smtp.rates import Rate
from seg_ml.domain.errors import ConfigError

AT_ONCE = 2
"""Hashes at once: each takes 32 MB and a tenth of a second on purpose."""


class Guard:
    """Shared by all sessions: the users, whom they write as, how many hashes at once, how many failures of a client."""

    def __init__(self, users: Users | None, senders: Senders, failures_per_minute: float) -> None:
        self.users = users
        self.senders = senders
        self.slots = asyncio.Semaphore(AT_ONCE)
        self.failures = Rate(failures_per_minute)


def users_of(settings: Settings) -> Users | None:
    """Who may log in, `None` where nobody may.

    Raises:
        ConfigError: the file cannot be used, or there is no TLS to send passwords over.
    """
    path = settings.submission.users
    if path is None:
        return None
    if settings.smtp.tls_certificate is None:
        raise ConfigError("submission.users: needs smtp.tls_certificate, since passwords travel over TLS alone")
    return Users(path)
