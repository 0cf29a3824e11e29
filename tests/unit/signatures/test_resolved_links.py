"""Links of a report are followed once each, and their ends are looked at."""

from __future__ import annotations

from typing import cast

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.signatures.report import ScanReport, scan_report, to_ecs
from seg_ml.signatures.resolved_links import MAX_LINKS, resolved
from seg_ml.signatures.resolver import Resolution, Resolver
from seg_ml.signatures.settings import DEFAULT_SETTINGS

HEAD = b"From: a@example.org\nList-Unsubscribe: <https://example.org/leave/7>\n\n"


class Asked:
    """Follows everything to one end."""

    def __init__(self, end: str = "https://secure-netflix.com/login", stopped: str = "") -> None:
        self.targets: list[str] = []
        self._end, self._stopped = end, stopped

    def follow(self, target: str) -> Resolution:
        self.targets.append(target)
        return Resolution((target, self._end), self._stopped)

    def close(self) -> None:
        """Nothing to close."""


def scanned(body: bytes, asked: Asked) -> ScanReport:
    report = scan_report("m.eml", ScoreRequest(HEAD + body), SignatureEngine.from_ids(["link-shortener"]))
    (found,) = resolved([report], "", DEFAULT_SETTINGS, cast("Resolver", asked))
    return found


def test_the_end_is_shown_with_what_speaks_against_it() -> None:
    (link,) = scanned(b"https://bit.ly/3xYz", Asked(stopped="goes on for too long")).links
    assert link.resolved == "https://secure-netflix.com/login"
    assert link.remark.startswith("goes on for too long; which imitates Netflix")


def test_it_stands_in_the_event() -> None:
    (link,) = to_ecs(scanned(b"https://bit.ly/3xYz", Asked("https://example.org/a")))["seg"]["links"]
    assert (link["resolved"], link["remark"]) == ("https://example.org/a", "")


def test_each_target_is_asked_once_and_some_not_at_all() -> None:
    asked = Asked()
    scanned(b"https://bit.ly/a https://example.org/leave/7 https://bit.ly/a mailto:x@example.org", asked)
    assert asked.targets == ["https://bit.ly/a"]


def test_a_message_of_links_is_asked_for_in_part() -> None:
    asked = Asked()
    scanned(b" ".join(f"https://bit.ly/{n}".encode() for n in range(100)), asked)
    assert len(asked.targets) == MAX_LINKS
