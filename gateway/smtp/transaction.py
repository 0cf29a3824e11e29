"""The envelope of one message while it is collected."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from gateway.policy.table import Direction
from gateway.smtp.client import Reply
from gateway.smtp.context import Context
from gateway.smtp.relay import Relay


@dataclass(frozen=True, slots=True)
class Recipient:
    """An accepted forward-path; `domain` in lower case, empty for `<postmaster>`."""

    address: str
    domain: str
    direction: Direction


class Transaction:
    """From MAIL to the answer to the final dot."""

    def __init__(self, context: Context, reverse_path: str, *, size: int, utf8: bool) -> None:
        self.queue_id = new_queue_id()
        self.reverse_path = reverse_path
        self.size = size
        self.utf8 = utf8
        self.received_at = time.time()
        self.recipients: dict[str, Recipient] = {}
        self.relay = Relay(context.hops, reverse_path, size=size, smtputf8=utf8)

    async def offer(self, recipient: Recipient) -> Reply:
        """Ask the next hop; one that is named twice gets one copy."""
        if recipient.address in self.recipients:
            return Reply(250, "2.1.5 Ok")
        outbound = recipient.direction is Direction.OUTBOUND
        reply = await self.relay.recipient(recipient.address, recipient.domain, outbound=outbound)
        if reply.positive:
            self.recipients[recipient.address] = recipient
        return reply

    @property
    def direction(self) -> Direction:
        """Outbound if any copy leaves."""
        leaving = any(recipient.direction is Direction.OUTBOUND for recipient in self.recipients.values())
        return Direction.OUTBOUND if leaving else Direction.INBOUND

    async def close(self) -> None:
        """Let the next hops go."""
        await self.relay.close()


def new_queue_id() -> str:
    """Sorts by time, and cannot be guessed."""
    return f"{int(time.time() * 1000):011X}{secrets.token_hex(4).upper()}"
