"""Deliver: the next hop gets the message; what it answers is what the sender hears."""

from __future__ import annotations

from gateway.actions.base import Batch, Result, Stage, Tools, action


@action("deliver")
class Deliver:
    """Our headers in front of the untouched bytes."""

    id: str
    stage = Stage.SEND

    async def apply(self, batch: Batch, tools: Tools) -> list[Result]:
        """Send."""
        return await tools.send(batch.recipients, (batch.headers, batch.message))
