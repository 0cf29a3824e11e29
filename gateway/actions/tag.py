"""Tag: deliver with one more field, which the next hop can file by."""

from __future__ import annotations

from gateway.actions.base import Batch, Result, Stage, Tools, action


@action("tag")
class Tag:
    """`X-SEG-Tag` says why; the subject is left alone, since DKIM signs it."""

    id: str
    stage = Stage.SEND

    async def apply(self, batch: Batch, tools: Tools) -> list[Result]:
        """Send, marked."""
        mark = f"X-SEG-Tag: {batch.tag or batch.decision.rule}\r\n".encode("ascii")
        return await tools.send(batch.recipients, (batch.headers, mark, batch.message))
