"""What the block about pictures sees of a message that carries one."""

import time

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.evaluation.attacks.rewriting import Picture, with_picture
from seg_ml.features.catalogue import FEATURES
from seg_ml.mail.parse import parse

DRAWN = Picture("offer.gif", "gif", "1@a", "b1", b"GIF89a" + bytes(3_000))
SENT = b"From: Ann <ann@a.example>\nTo: bob@b.example\nSubject: Cheap watches\n\nx"


def row(raw: bytes) -> dict[str, float]:
    (block,) = FEATURES.resolve(["picture"])
    return block.extract(ScoreRequest(raw), parse(raw))


def test_an_offer_in_a_picture_above_words_that_do_not_speak_of_it() -> None:
    html = (
        '<style>p {margin: 0}</style><a href="https://w.example"><img src="cid:1@a"></a><p>The ship left at dawn.</p>'
    )
    found = row(with_picture(SENT, "Nobody answered the captain.", html, DRAWN))
    assert found["embedded"] > 0 and found["embedded_size"] == pytest.approx(1.39, abs=0.01)
    assert (found["leads"], found["clickable"], found["subject_told"]) == (1.0, 1.0, 0.0)
    assert found["alternatives_differ"] == 1.0
    assert found["words_below"] > 1.0


def test_a_logo_below_a_letter() -> None:
    text = "The watches that you asked for are cheap this week."
    found = row(with_picture(SENT, text, f'<p>{text}</p><img src="cid:1@a">', DRAWN))
    assert (found["leads"], found["clickable"], found["words_below"]) == (0.0, 0.0, 0.0)
    assert (found["alternatives_differ"], found["subject_told"]) == (0.0, 1.0)


def test_no_picture_no_html_no_subject() -> None:
    assert row(SENT) == dict.fromkeys(row(SENT), 0.0)
    assert set(row(b"\n\nHello").values()) == {0.0}


@pytest.mark.parametrize("piece", ["<style>", "<a href=x>", "<a ", "<!--", "<img", "&amp", "<a><b>"])
def test_html_made_to_be_slow_is_not(piece: str) -> None:
    raw = b"Content-Type: text/html\n\n" + (piece * (200_000 // len(piece))).encode()
    message = parse(raw)
    (block,) = FEATURES.resolve(["picture"])
    started = time.process_time()
    block.extract(ScoreRequest(raw), message)
    assert time.process_time() - started < 1.0
