from datetime import UTC, datetime

import pytest

from seg_ml.corpora.dates import sent_at
from seg_ml.mail.parse import parse

RECEIVED = "Received: from a by b; Tue, 06 Aug 2002 12:00:00 +0100\n"


def _sent(text):
    return sent_at(parse(f"{text}\n\n".encode()))


def test_date_is_given_in_utc():
    assert _sent("Date: Tue, 06 Aug 2002 12:00:00 -0400 (EDT)") == datetime(2002, 8, 6, 16, tzinfo=UTC)


def test_unknown_zone_is_read_as_utc():
    assert _sent("Date: Tue, 06 Aug 2002 12:00:00 -0000") == datetime(2002, 8, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "Tue, 06 Aug 1902 12:00:00 +0000", "Tue, 06 Aug 2202 12:00:00 +0000", "Mon, 99 Xyz 2002 77:00"],
)
def test_incredible_dates_are_none_without_received(value):
    assert _sent(f"Date: {value}") is None
    assert _sent(f"{RECEIVED}Date: {value}") == datetime(2002, 8, 6, 11, tzinfo=UTC)


def test_date_far_from_receipt_is_not_believed():
    assert _sent(f"{RECEIVED}Date: Tue, 06 Aug 2019 12:00:00 +0000").year == 2002
    assert _sent(f"{RECEIVED}Date: Mon, 05 Aug 2002 12:00:00 +0000").day == 5
