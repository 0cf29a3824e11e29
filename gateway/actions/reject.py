"""Reject: the sender hears 5xx and tells its own user. We send no bounces."""

from __future__ import annotations

from gateway.actions.base import Batch, Result, Stage, Tools, action, refuse
from gateway.store.tables import Outcome


@action("reject")
class Reject:
    """Only within the transaction: later there is nobody left to tell but a forged sender."""

    id: str
    stage = Stage.REFUSE

    async def apply(self, batch: Batch, tools: Tools) -> list[Result]:
        """Refuse for good."""
        return refuse(batch, Outcome.REJECTED)
