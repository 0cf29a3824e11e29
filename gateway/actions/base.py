"""The seam between a decision and what is done about it.

Actions of `Stage.HOLD` run before those of `Stage.SEND`: what is held must be durable before any copy
leaves. `Stage.REFUSE` ends the transaction without either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeVar

from gateway.store.tables import Outcome
from seg_ml.domain.catalogue import Catalogue
from seg_ml.domain.verdict import Decision


class Stage(IntEnum):
    """When an action runs."""

    REFUSE = 0
    HOLD = 1
    SEND = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """Recipients that share a decision. `parts` are our headers and the message, ready to be sent."""

    recipients: tuple[str, ...]
    decision: Decision
    headers: bytes
    message: bytes
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recipient's copy, and the reply that says so."""

    recipient: str
    outcome: Outcome
    code: int
    text: str
    hold_id: str | None = None


class Tools(Protocol):
    """What an action may do to the world."""

    async def send(self, recipients: Sequence[str], parts: Sequence[bytes]) -> list[Result]:
        """Hand a message to the next hop. Does not raise."""
        ...

    async def hold(self, recipients: Sequence[str], decision: Decision, headers: bytes) -> list[Result]:
        """Hold a message durably.

        Raises:
            StoreError: it is not held.
        """
        ...


class Action(Protocol):
    """One disposition."""

    id: str
    stage: Stage

    async def apply(self, batch: Batch, tools: Tools) -> list[Result]:
        """Do it; one result per recipient."""
        ...


A = TypeVar("A", bound=type[Action])

CATALOGUE: Catalogue[type[Action]] = Catalogue("action", "gateway.actions")


def action(disposition: str) -> Callable[[A], A]:
    """Register an action under the disposition that it carries out.

    Raises:
        ConfigError: another action has it.
    """

    def register(cls: A) -> A:
        cls.id = disposition
        CATALOGUE.register(disposition, cls)
        return cls

    return register


def refuse(batch: Batch, outcome: Outcome) -> list[Result]:
    """The decision's own reply for each recipient."""
    code, _, text = batch.decision.reply.partition(" ")
    return [Result(recipient, outcome, int(code), text) for recipient in batch.recipients]
