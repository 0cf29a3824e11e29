"""The one table from what went wrong inside to what the sender hears. Never a class name, never a text of it.

| error | answer |
|---|---|
| `DeliveryError` | the next hop's own code and text |
| `ScoringUnavailable` | 451 4.7.1, where no fallback took it |
| `StoreError` | 451 4.3.0: what is not recorded is not taken |
| `WorkersBusy` | 451 4.3.2 |
| anything else, also out of time | 451 4.3.0 |
"""

from __future__ import annotations

from gateway.scoring.workers import WorkersBusy
from gateway.smtp.client import Reply
from seg_ml.domain.errors import DeliveryError, ScoringUnavailable, StoreError

GREETING_TOO_EARLY = Reply(554, "5.5.1 Talking before the greeting")
UNSYNCHRONIZED = Reply(554, "5.5.1 Commands sent without waiting for the reply")
TOO_MANY_CONNECTIONS = Reply(421, "4.3.2 Too many connections, try again later")
TOO_MANY_FROM_CLIENT = Reply(421, "4.7.0 Too many connections from your address")
TOO_MANY_ERRORS = Reply(421, "4.7.0 Too many errors")
TOO_MANY_MESSAGES = Reply(421, "4.7.0 Enough messages on this connection")
SHUTTING_DOWN = Reply(421, "4.3.2 Shutting down")
TIMEOUT = Reply(421, "4.4.2 Timeout")
OVERLOADED = Reply(421, "4.3.2 Out of memory for messages, try again later")
NO_SPACE = Reply(452, "4.3.1 Insufficient system storage")
TOO_BIG = Reply(552, "5.3.4 Message is larger than SIZE")
BARE_NEWLINE = Reply(550, "5.6.0 Message has bare CR, bare LF or NUL")
NOT_YOUR_PATH = Reply(553, "5.7.1 You may not send from this address")
NOT_YOUR_FROM = Reply(550, "5.7.1 You may not write as this author")
LOOP = Reply(554, "5.4.6 Message is looping")
INTERNAL = Reply(451, "4.3.0 Temporary failure, try again later")
NOT_RECORDED = Reply(451, "4.3.0 Message cannot be recorded now, try again later")
BUSY = Reply(451, "4.3.2 Too busy, try again later")
UNSCORED = Reply(451, "4.7.1 Message cannot be examined now, try again later")

_TABLE: tuple[tuple[type[Exception], Reply], ...] = (
    (StoreError, NOT_RECORDED),
    (ScoringUnavailable, UNSCORED),
    (WorkersBusy, BUSY),
)


def answer(error: Exception) -> Reply:
    """What the sender hears."""
    if isinstance(error, DeliveryError):
        return Reply(error.code, error.text)
    return next((reply for kind, reply in _TABLE if isinstance(error, kind)), INTERNAL)
