"""Defer: the sender hears 4xx, keeps the message and tries again."""

from __future__ import annotations

from gateway.actions.base import Batch, Result, Stage, Tools, action, refuse
from gateway.store.tables import Outcome


@action("defer")
class Defer:
    """What cannot be judged now is not taken now."""

    id: str
    stage = Stage.REFUSE

    async def apply(self, batch: Batch, tools: Tools) -> list[Result]:
        """Refuse for now."""
        return refuse(batch, Outcome.DEFERRED)
