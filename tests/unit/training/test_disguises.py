"""Disguised copies: whose they are, what they keep, and that they are the same every time."""

import hashlib

import pandas as pd
import pytest

from seg_ml.mail.parse import parse
from seg_ml.training.disguises import DisguiseOptions, disguised_copies

ALL = DisguiseOptions(threats=1.0, wanted=1.0)
HONEST = "We met on Monday and agreed to move the delivery of the new chairs to the week after the fair. " * 6


def _row(number: int, label: str, language: str | None = "en") -> dict[str, object]:
    text = HONEST if label == "ham" else "Your mailbox is full. Go to https://quota.example/more before it is closed."
    raw = f"From: a{number}@b.example\nSubject: Note {number}\nContent-Type: text/plain\n\n{text} {number}\n".encode()
    return {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "label": label,
        "language": language,
        "cluster": str(number),
        "raw": raw,
    }


@pytest.fixture(name="frame")
def made() -> pd.DataFrame:
    """Half of it wanted."""
    return pd.DataFrame([_row(number, "phishing" if number % 2 else "ham") for number in range(120)])


def test_a_copy_belongs_to_its_message(frame: pd.DataFrame) -> None:
    copies = disguised_copies(frame, frame, ALL, 7)
    about = copies.merge(frame, left_on="origin", right_on="sha256", suffixes=("", "_sent"))
    assert len(about) == len(copies) > 100
    assert (about["label"] == about["label_sent"]).all() and (about["cluster"] == about["cluster_sent"]).all()
    assert (about["sha256"] != about["origin"]).all() and copies["sha256"].is_unique


def test_threats_know_every_trick_and_wanted_mail_the_honest_ones(frame: pd.DataFrame) -> None:
    copies = disguised_copies(frame, frame, ALL, 7)
    wanted = copies["label"] == "ham"
    honest = {"more text", "text above", "conversation", "passed on", "pictures", "logo"}
    assert set(copies.loc[wanted, "disguise"]) == honest
    assert set(copies.loc[~wanted, "disguise"]) > {*honest - {"logo"}, "hidden text", "picture in words"}


def test_the_lure_stays_and_honest_words_come_from_the_mail_that_lends_them(frame: pd.DataFrame) -> None:
    lending = pd.DataFrame([_row(1_000, "ham") | {"raw": b"Subject: x\n\n" + b"Marmalade and other jams. " * 40}])
    for row in disguised_copies(frame, lending, ALL, 7).query("label == 'phishing'").to_dict("records"):
        message = parse(row["raw"])
        if row["disguise"] in ("more text", "text above", "conversation", "passed on", "hidden text"):
            assert "Your mailbox is full" in message.text and "quota.example" in row["raw"].decode()
            assert "jams" in row["raw"].decode() and "chairs" not in row["raw"].decode()
        if row["disguise"] in ("text above", "passed on"):
            assert message.text.index("jams") < message.text.index("Your mailbox is full")
        if row["disguise"] == "pictures":
            assert "https://quota.example/more" in [link.target for link in message.links]


def test_pictures_that_travel_along_hide_a_lure_or_stand_below_a_letter(frame: pd.DataFrame) -> None:
    for row in disguised_copies(frame, frame, ALL, 7).to_dict("records"):
        message = parse(row["raw"])
        if row["disguise"] in ("picture in words", "logo"):
            (picture,) = (part for part in message.parts if part.content_type.startswith("image/"))
            assert (picture.content_id or "").strip("<>") in message.parts[-2].text
            assert message.subject.startswith("Note") and not message.defects
        if row["disguise"] == "picture in words":
            assert "mailbox is full" not in message.text and "chairs" in message.text
        if row["disguise"] == "logo" and row["label"] == "ham":
            assert "agreed to move the delivery" in message.text


def test_shares_and_repetition(frame: pd.DataFrame) -> None:
    assert disguised_copies(frame, frame, DisguiseOptions(), 7).empty
    some = disguised_copies(frame, frame, DisguiseOptions(threats=0.5), 7)
    assert set(some["label"]) == {"phishing"} and 15 < len(some) < 45
    pd.testing.assert_frame_equal(some, disguised_copies(frame, frame, DisguiseOptions(threats=0.5), 7))


def test_nobody_to_lend_words_and_no_language(frame: pd.DataFrame) -> None:
    threats = frame[frame["label"] == "phishing"].assign(language=None)
    assert len(disguised_copies(threats, threats, ALL, 7)) == len(threats)


def test_copies_of_pictures_come_on_top(frame: pd.DataFrame) -> None:
    without = disguised_copies(frame, frame, DisguiseOptions(threats=0.5, wanted=0.5), 7)
    copies = disguised_copies(frame, frame, DisguiseOptions(threats=0.5, wanted=0.5, pictures=1.0), 7)
    more = copies[~copies["sha256"].isin(without["sha256"])]
    assert set(without["sha256"]) <= set(copies["sha256"])
    assert len(more) > 30 and set(more["disguise"]) == {"pictures"} and set(more["label"]) == {"phishing"}
