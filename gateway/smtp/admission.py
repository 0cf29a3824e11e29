"""Who is heard at all: lists, rates, blocklists, greylisting. All before DATA, cheapest first.

An allowed client passes everything here. An allowed author is another matter: that is looked at after DATA,
when it is known whether the author is who From says.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.log import get_logger
from gateway.settings import AdmissionSettings
from gateway.smtp.addresses import Path
from gateway.smtp.client import Reply
from gateway.smtp.dnsbl import Blocklists
from gateway.smtp.introduction import is_listed
from gateway.smtp.rates import Rate
from gateway.store import greylist
from gateway.store.database import Database
from seg_ml.domain.errors import StoreError

log = get_logger()
DENIED_CLIENT = Reply(554, "5.7.1 Client address is refused")
DENIED_SENDER = Reply(550, "5.7.1 Sender address is refused")
TOO_FAST = Reply(451, "4.7.0 Too many messages, try again later")
GREYLISTED = Reply(451, "4.7.1 Greylisted, try again later")


class Admission:
    """One set of checks for all connections."""

    def __init__(self, settings: AdmissionSettings, blocklists: Blocklists, database: Database) -> None:
        self._settings = settings
        self._blocklists = blocklists
        self._database = database
        self._clients = Rate(settings.client_messages_per_minute)
        self._logins = Rate(settings.login_messages_per_minute)

    def client(self, client_ip: str) -> Reply | None:
        """At connection."""
        if self._allowed(client_ip) or not is_listed(client_ip, self._settings.deny_clients):
            return None
        return DENIED_CLIENT

    def sender(self, client_ip: str, path: Path, login: str | None) -> Reply | None:
        """At MAIL."""
        if self._allowed(client_ip):
            return None
        if on_list(path.address, path.domain, self._settings.deny_senders):
            return DENIED_SENDER
        rate, key = (self._clients, client_ip) if login is None else (self._logins, login)
        return None if rate.allow(key) else TOO_FAST

    async def recipient(self, client_ip: str, sender: str, recipient: Path, *, trusted: bool) -> Reply | None:
        """At RCPT; `postmaster` can always be reached (RFC 5321 §4.5.1)."""
        if trusted or self._allowed(client_ip) or recipient.local_part.lower() == "postmaster":
            return None
        zone = await self._blocklists.listed(client_ip)
        if zone:
            return Reply(554, f"5.7.1 Client address is listed by {zone}")
        return None if await self._waited(client_ip, sender, recipient.address) else GREYLISTED

    async def _waited(self, client_ip: str, sender: str, recipient: str) -> bool:
        wanted = self._settings
        if not wanted.greylist_delay:
            return True
        digest = greylist.key(client_ip, sender, recipient)
        delay, days = wanted.greylist_delay, wanted.greylist_days
        try:
            return await self._database.write(lambda c: greylist.passes(c, digest, delay, days))
        except StoreError as error:
            # Nothing is lost by letting it on: a message that cannot be recorded is refused later.
            log.warning("greylist", error=type(error).__name__)
            return True

    def _allowed(self, client_ip: str) -> bool:
        return is_listed(client_ip, self._settings.allow_clients)


def on_list(address: str, domain: str, entries: Iterable[str]) -> bool:
    """Whether a list has the address, its domain, or (`.example.org`) a domain above it."""
    address, domain = address.lower(), domain.lower()
    labels = domain.split(".")
    names = {address, domain, *("." + ".".join(labels[n:]) for n in range(1, len(labels)))}
    return bool(address or domain) and any(entry.lower() in names for entry in entries)
