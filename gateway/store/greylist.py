"""Greylisting: who comes for the first time is asked to come again; programs that only blast do not."""

from __future__ import annotations

import hashlib
import ipaddress
import time

from sqlalchemy import Connection, delete, select, update

from gateway.store.tables import greylist

WAITING_SECONDS = 4 * 3600.0


def key(client_ip: str, sender: str, recipient: str) -> str:
    """Network, sender and recipient in one digest: the table holds no addresses."""
    try:
        prefix = 24 if ipaddress.ip_address(client_ip).version == 4 else 64
        network = str(ipaddress.ip_network(f"{client_ip}/{prefix}", strict=False))
    except ValueError:
        network = client_ip
    return hashlib.sha256(f"{network}\0{sender.lower()}\0{recipient.lower()}".encode("utf-8", "replace")).hexdigest()


def passes(connection: Connection, digest: str, delay: float, days: float) -> bool:
    """Whether this triplet has waited long enough; notes that it came."""
    now = time.time()
    row = connection.execute(select(greylist).where(greylist.c.key == digest)).first()
    if row is not None and now - row.seen_at <= (days * 86_400 if row.passed else WAITING_SECONDS):
        passed = bool(row.passed) or now - row.first_at >= delay
        values = {"seen_at": now, "passed": passed}
        connection.execute(update(greylist).where(greylist.c.key == digest).values(**values))
        return passed
    connection.execute(delete(greylist).where(greylist.c.key == digest))
    connection.execute(greylist.insert().values(key=digest, first_at=now, seen_at=now, passed=False))
    return False


def expire(connection: Connection, days: float) -> None:
    """Forget triplets that nobody used."""
    connection.execute(delete(greylist).where(greylist.c.seen_at < time.time() - days * 86_400))
