"""From what next hops and quarantine said to what the sender hears and what the trace keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.actions.base import Result
from gateway.smtp.client import Reply
from gateway.smtp.relay import Sent
from gateway.smtp.replies import INTERNAL
from gateway.store.records import Copy
from gateway.store.tables import Outcome
from seg_ml.domain.verdict import Decision, Disposition

TAKEN = (Outcome.DELIVERED, Outcome.QUARANTINED)


def harmonise(decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    """One reply answers for all recipients (RFC 5321 §4.2.5), so decisions that cannot stand side by side give way.

    If one copy has to wait, all wait. If only some are to be rejected, those are held instead: to reject
    them all would lose the others, to drop them would tell nobody.
    """
    deferring = [decision for decision in decisions.values() if decision.disposition is Disposition.DEFER]
    if deferring:
        return dict.fromkeys(decisions, deferring[0])
    rejecting = [decision for decision in decisions.values() if decision.disposition is Disposition.REJECT]
    if not rejecting or len(rejecting) == len(decisions):
        return dict.fromkeys(decisions, rejecting[0]) if rejecting else dict(decisions)
    return {
        recipient: Decision(Disposition.QUARANTINE, decision.rule)
        if decision.disposition is Disposition.REJECT
        else decision
        for recipient, decision in decisions.items()
    }


def sent_result(recipient: str, sent: Sent) -> Result:
    """One recipient's share in what a next hop said; without a word of it the outcome is unknown."""
    code, text = sent.reply.code, sent.reply.text
    if not sent.certain:
        return Result(recipient, Outcome.UNKNOWN, 451, text)
    if 200 <= code < 300:
        return Result(recipient, Outcome.DELIVERED, 250, text)
    if 500 <= code < 600:
        return Result(recipient, Outcome.REJECTED, code, text)
    return Result(recipient, Outcome.DEFERRED, code if 400 <= code < 500 else 451, text)


def aborted(decisions: Mapping[str, Decision]) -> list[Result]:
    """Nothing left the house, since nobody waits for the answer."""
    return [Result(recipient, Outcome.ABORTED, INTERNAL.code, "client left") for recipient in decisions]


def worst(results: Sequence[Result], queue_id: str) -> Reply:
    """The worst of the results: a temporary refusal before a lasting one, since the sender then keeps the message."""
    refused = sorted((r for r in results if r.outcome not in TAKEN), key=lambda r: r.code)
    if refused:
        return Reply(refused[0].code, refused[0].text)
    return Reply(250, f"2.0.0 Ok: {queue_id}")


def copies_of(
    directions: Mapping[str, str], decisions: Mapping[str, Decision], results: Sequence[Result]
) -> list[Copy]:
    """Rows of the trace; a recipient without a result is pending."""
    found = {result.recipient: result for result in results}
    # One refused copy means that the sender was not answered 250: nothing of this transaction is held.
    whole = all(result.outcome in TAKEN for result in results)
    return [
        _copy(directions, recipient, decision, found.get(recipient), whole) for recipient, decision in decisions.items()
    ]


def _copy(
    directions: Mapping[str, str], recipient: str, decision: Decision, result: Result | None, whole: bool
) -> Copy:
    direction = directions[recipient]
    if result is None:
        return Copy(recipient, direction, decision)
    outcome, hold_id = result.outcome, result.hold_id
    if outcome is Outcome.QUARANTINED and not whole:
        outcome, hold_id = Outcome.ABORTED, None
    return Copy(recipient, direction, decision, outcome, f"{result.code} {result.text}", hold_id)
