"""Who may connect at this moment, and how much message data is in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from gateway.metrics import Metrics
from gateway.smtp.client import Reply
from gateway.smtp.replies import SHUTTING_DOWN, TOO_MANY_CONNECTIONS, TOO_MANY_FROM_CLIENT


@dataclass
class Gate:
    """Counts connections. `closing` turns newcomers away."""

    most: int
    most_per_client: int
    metrics: Metrics
    closing: bool = False
    total: int = 0
    empty: asyncio.Event = field(default_factory=asyncio.Event)
    _by_client: Counter[str] = field(default_factory=Counter)

    def enter(self, client_ip: str) -> Reply | None:
        """Count a connection, or say why not. Who was let in must `leave`."""
        refusal = self._refusal(client_ip)
        if refusal is not None:
            self.metrics.turned_away.labels(refusal[0]).inc()
            return refusal[1]
        self.total += 1
        self.empty.clear()
        self._by_client[client_ip] += 1
        self.metrics.connections.set(self.total)
        return None

    def _refusal(self, client_ip: str) -> tuple[str, Reply] | None:
        if self.closing:
            return "closing", SHUTTING_DOWN
        if self.total >= self.most:
            return "total", TOO_MANY_CONNECTIONS
        if self._by_client[client_ip] >= self.most_per_client:
            return "client", TOO_MANY_FROM_CLIENT
        return None

    def leave(self, client_ip: str) -> None:
        """The connection is gone."""
        self.total -= 1
        self._by_client[client_ip] -= 1
        if not self._by_client[client_ip]:
            del self._by_client[client_ip]
        self.metrics.connections.set(self.total)
        if not self.total:
            self.empty.set()


class Budget:
    """Octets of messages in memory. A message is counted from DATA to its answer."""

    # Raw, in base64 for the service, and stuffed for the next hop: about this many times its size.
    FACTOR = 4
    LEAST = 1024 * 1024

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def open(self) -> Share:
        """The share of one message, empty at first."""
        return Share(self)


class Share:
    """What one message takes of a budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._octets = 0

    def grow(self, size: int) -> bool:
        """Take room for a message of this size; whether there was room. Who is alone always has."""
        budget = self._budget
        more = max(budget.LEAST, size * budget.FACTOR) - self._octets
        if more <= 0:
            return True
        if budget.used - self._octets and budget.used + more > budget.limit:
            return False
        self._octets += more
        budget.used += more
        return True

    def close(self) -> None:
        """Give it back."""
        self._budget.used -= self._octets
        self._octets = 0
