"""What the blocks about wares and about the program that wrote a message see."""

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.features.catalogue import FEATURES
from seg_ml.mail.parse import parse


def row(block_id: str, raw: bytes) -> dict[str, float]:
    (block,) = FEATURES.resolve([block_id])
    return block.extract(ScoreRequest(raw), parse(raw))


@pytest.mark.parametrize("written", ["Viagra", "V1agra", "vi4gra", "V i a g r a", "v.i.a.g.r.a"])
def test_a_ware_is_the_same_in_disguise(written: str) -> None:
    found = row("wares", f"Subject: hello\n\nGet {written} tonight.\n".encode())
    assert found["medicine"] > 0.0
    assert (found["disguised"] > 0.0) == (written != "Viagra")


def test_a_minute_of_a_meeting_sells_nothing() -> None:
    found = row("wares", b"Subject: Minutes\n\nWe agreed on the budget. Ann writes to the caterer.\n")
    assert not any(found.values())


OUTLOOK = b"""From: a@b.example
Message-ID: <000e01c788c4$%s$79414756@home>
X-Mailer: Microsoft Outlook Express 6.00.2800.1106
X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2800.%s
Content-Type: multipart/alternative; boundary="----=_NextPart_000_000A_01C788C4.74000000"

"""


def test_outlook_writes_one_time_twice_and_one_version_twice() -> None:
    true, late = row("program", OUTLOOK % (b"748d8df0", b"1106")), row("program", OUTLOOK % (b"748d8df0", b"3000"))
    assert (true["id_and_boundary_agree"], true["versions_differ"]) == (1.0, 0.0)
    assert late["versions_differ"] == 1.0
    forged = row("program", OUTLOOK.replace(b"01c788c4", b"01c78700") % (b"748d8df0", b"1106"))
    assert (forged["id_and_boundary_agree"], forged["id_and_boundary_differ"]) == (0.0, 1.0)


def test_no_program_no_claim() -> None:
    found = row("program", b"From: a@b.example\nMessage-ID: <20240101.AbCdEf123456@b.example>\n\nx")
    assert not any(value for name, value in found.items() if name != "id_left_digits")
