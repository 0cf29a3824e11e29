"""When a message was sent: from `Date`, held against what the receiving site wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from seg_ml.domain.message import Message

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(days=7)


def sent_at(message: Message) -> datetime | None:
    """When the message was sent, in UTC, to the second; `None` where no field says so credibly.

    A `Date` more than a week from the newest `Received` is wrong or forged, as in much spam; the receiving
    site's clock is believed then.
    """
    sent = _date(message.header("Date"))
    received = _date((message.header("Received") or "").rpartition(";")[2])
    if received and (sent is None or abs(sent - received) > TOLERANCE):
        return received
    return sent


def _date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime((value or "").strip())
        # A zone of -0000 says that the local one is unknown (RFC 5322 §3.3): the clock is UTC.
        moment = (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).replace(
            microsecond=0
        )
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None
