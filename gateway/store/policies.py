"""MTA-STS policies that outlive the process: without them, who blocks DNS after a restart is obeyed."""

from __future__ import annotations

import time

from sqlalchemy import Connection, delete, insert, select

from gateway.log import get_logger
from gateway.routing.policies import Kept
from gateway.store.database import Database
from gateway.store.tables import sts_policy
from seg_ml.domain.errors import StoreError

log = get_logger()


class StoredPolicies:
    """A `gateway.routing.policies.Keeper` over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, domain: str) -> Kept | None:
        """What is kept for a domain; nothing where the store cannot be read."""
        query = select(sts_policy).where(sts_policy.c.domain == domain)
        try:
            row = await self._database.read(lambda c: c.execute(query).first())
        except StoreError as error:
            log.warning("mta_sts", problem=str(error))
            return None
        return Kept(row.policy_id, row.text, row.expires_at) if row is not None else None

    async def put(self, domain: str, kept: Kept) -> None:
        """Keep it; a store that cannot be written is asked again with the next message."""
        try:
            await self._database.write(lambda c: replace(c, domain, kept))
        except StoreError as error:
            log.warning("mta_sts", problem=str(error))


def replace(connection: Connection, domain: str, kept: Kept) -> None:
    """Put a policy in the place of the one before."""
    connection.execute(delete(sts_policy).where(sts_policy.c.domain == domain))
    values = {"domain": domain, "policy_id": kept.id, "text": kept.text, "expires_at": kept.expires_at}
    connection.execute(insert(sts_policy).values(**values))


def expire(connection: Connection) -> None:
    """Forget policies that hold no longer."""
    connection.execute(delete(sts_policy).where(sts_policy.c.expires_at < time.time()))
