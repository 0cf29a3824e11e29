"""Quarantine: the sender hears 250, the message is held and can be released."""

from __future__ import annotations

from gateway.actions.base import Batch, Result, Stage, Tools, action


@action("quarantine")
class Quarantine:
    """Durable before anything else of the transaction leaves the house."""

    id: str
    stage = Stage.HOLD

    async def apply(self, batch: Batch, tools: Tools) -> list[Result]:
        """Hold."""
        return await tools.hold(batch.recipients, batch.decision, batch.headers)
