"""Archives beyond the limits are held whatever the model says, and what nobody opens is never clean."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.testing import House, house
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Finding, Label, Severity, Surface, Verdict
from seg_ml.testing.mail import attached, zipped

BOMB = attached(zipped(bytes(20 << 20), "file.zip"), "a.zip")
DEEP = attached(zipped(zipped(zipped(zipped(b"text")))), "a.zip")
SEVEN = attached(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(200), "a.7z")
FINE = attached(zipped(zipped(b"text")), "a.zip")


def outcome(tmp_path: Path, raw: bytes, judge: Any = None, **sections: Any) -> tuple[str, str, str, int]:
    async def scenario() -> tuple[str, str, str, int]:
        async with house(tmp_path, **({"judge": judge} if judge else {}), **sections) as running:
            await _break(running, sections)
            reply = await running.send(raw)
            (row,) = running.trace()
            assert reply[:3] == "250" and running.sink.messages + len(running.held()) == 1
            return row.outcome, row.rule, row.unscannable or "", running.sink.messages

    return asyncio.run(scenario())


async def _break(running: House, sections: dict[str, Any]) -> None:
    if "scoring" in sections:
        running.service.fault = "500"


@pytest.mark.parametrize(
    ("raw", "why"), [(BOMB, "archive-ratio-limit"), (DEEP, "archive-depth-limit"), (SEVEN, "archive-unread")]
)
@pytest.mark.parametrize("mode", ["", "signatures", "tempfail", "open"])
def test_held_whatever_the_model_says(tmp_path: Path, raw: bytes, why: str, mode: str) -> None:
    scoring = {"scoring": {"mode": mode}} if mode else {}
    assert outcome(tmp_path, raw, **scoring) == ("quarantined", "unscannable", why, 0)


def test_what_keeps_to_the_limits_is_delivered(tmp_path: Path) -> None:
    assert outcome(tmp_path, FINE) == ("delivered", "clean", "", 1)


def test_limits_are_settings(tmp_path: Path) -> None:
    wide = {"archive_depth": 9, "unread_archives": "pass"}
    assert outcome(tmp_path / "deep", DEEP, limits=wide)[0] == "delivered"
    assert outcome(tmp_path / "seven", SEVEN, limits=wide)[0] == "delivered"
    assert outcome(tmp_path / "one", FINE, limits={"archive_depth": 1})[2] == "archive-depth-limit"
    fields = b"A: b\r\n" * 60 + b"\r\n"
    assert outcome(tmp_path / "fields", fields)[0] == "delivered"
    assert outcome(tmp_path / "few", fields, limits={"header_fields": 50})[2] == "header-fields-limit"


def test_a_bomb_that_only_the_service_saw_is_held(tmp_path: Path) -> None:
    def judge(_: ScoreRequest) -> Verdict:
        finding = Finding("archive-bomb", Severity.HIGH, "a.zip: nested", Surface.ATTACHMENT)
        return Verdict(Label.HAM, {"ham": 1.0, "spam": 0.0}, (finding,), model_version="seg-mail/1")

    assert outcome(tmp_path, FINE, judge) == ("quarantined", "archive-bomb", "", 0)
