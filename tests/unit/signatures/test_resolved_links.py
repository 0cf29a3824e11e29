"""Links of a report are followed once each, and their ends are looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Severity, Surface
from seg_ml.signatures.engine import MAX_FINDINGS, SignatureEngine
from seg_ml.signatures.intel_store import Indicator, Kind
from seg_ml.signatures.intel_writer import IntelWriter
from seg_ml.signatures.report import ScanReport, scan_report, to_ecs
from seg_ml.signatures.resolved_links import MAX_LINKS, resolved
from seg_ml.signatures.resolver import Resolution, Resolver
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings

HEAD = b"From: a@example.org\nList-Unsubscribe: <https://example.org/leave/7>\n\n"


class Asked:
    """Follows everything, or `only` one target, to one end."""

    def __init__(
        self, end: str = "https://secure-netflix.com/login", stopped: str = "", media_type: str = "", filename: str = ""
    ) -> None:
        self.targets: list[str] = []
        self._end, self._told, self.only = end, (stopped, media_type, filename), ""

    def follow(self, target: str) -> Resolution:
        self.targets.append(target)
        is_sent_on = self._end and self.only in target
        return Resolution((target, self._end) if is_sent_on else (target,), *self._told)

    def close(self) -> None:
        """Nothing to close."""


def scanned(body: bytes, asked: Asked, settings: SignatureSettings = DEFAULT_SETTINGS) -> ScanReport:
    report = scan_report("m.eml", ScoreRequest(HEAD + body), SignatureEngine.from_ids(["link-shortener"]))
    (found,) = resolved([report], "", settings, cast("Resolver", asked))
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


def told(report: ScanReport) -> list[tuple[Severity, str]]:
    return [(item.severity, item.evidence) for item in report.findings if item.signature == "resolved-link"]


def page(shown: str, target: str) -> bytes:
    return f'<a href="{target}">{shown}</a>'.encode()


HTML = b"From: a@garden-club.example.net\nContent-Type: text/html\n\n"


@pytest.mark.parametrize(
    ("asked", "severity", "evidence"),
    [
        (Asked(), Severity.HIGH, "bit.ly leads to secure-netflix.com, which imitates Netflix"),
        (
            Asked("https://files.example.net/a", filename="order.exe", media_type="text/plain"),
            Severity.HIGH,
            "bit.ly hands out order.exe from files.example.net, which runs when opened",
        ),
        (Asked("https://files.example.net/a", filename="order.pdf.exe"), Severity.CRITICAL, "order.pdf.exe"),
        (Asked("https://files.example.net/order%2Eiso", media_type="application/octet-stream"), Severity.HIGH, ".iso"),
        (Asked("https://files.example.net/get", media_type="application/x-msi"), Severity.HIGH, "hands out get"),
        (Asked("", filename="order.zip"), Severity.MEDIUM, "bit.ly hands out order.zip from bit.ly, an archive"),
        (Asked("https://files.example.net/g", media_type="application/zip"), Severity.MEDIUM, "g from files"),
    ],
)
def test_what_speaks_against_an_end_is_a_finding(asked: Asked, severity: Severity, evidence: str) -> None:
    ((found, told_so),) = told(scanned(b"https://bit.ly/3xYz", asked))
    assert (found, evidence in told_so) == (severity, True), told_so


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (b"https://bit.ly/3xYz", Asked("https://garden-club.example.net/minutes", media_type="text/html")),
        (b"https://bit.ly/3xYz", Asked("https://code.example.net/setup.py", media_type="text/x-python")),
        (b"https://bit.ly/3xYz", Asked("https://cdn.example.net/page.js", media_type="application/javascript")),
        (b"https://bit.ly/3xYz", Asked("https://docs.example.net/a", filename="minutes.pdf")),
        (b"https://bit.ly/3xYz", Asked("https://www.netflix.com/login")),
        (b"https://bit.ly/3xYz", Asked("not a url")),
        (b"https://bit.ly/3xYz", Asked("", "no answer: ConnectError")),
    ],
)
def test_an_ordinary_end_is_none(body: bytes, asked: Asked) -> None:
    assert told(scanned(body, asked)) == []


@pytest.mark.parametrize(
    ("shown", "target", "end", "severity"),
    [
        ("www.netflix.com", "https://click.example.net/7", "https://elsewhere.test.org/", Severity.MEDIUM),
        ("www.netflix.com", "https://click.example.net/7", "https://www.netflix.com/title", None),
        ("www.garden-club.example.net", "https://click.test.org/7", "https://elsewhere.org/", Severity.LOW),
        ("https://oldname.org/a", "https://oldname.org/a", "https://newname.org/a", Severity.LOW),
        ("https://bit.ly/a", "https://bit.ly/a", "https://newname.org/a", None),
        ("Read more", "https://click.example.net/7", "https://elsewhere.org/", None),
        ("www.netflix.com", "https://click.test.org/7", "https://www.test.org/", None),
    ],
)
def test_the_shown_address_is_held_against_the_end(
    shown: str, target: str, end: str, severity: Severity | None
) -> None:
    report = scan_report("m.eml", ScoreRequest(HTML + page(shown, target)), SignatureEngine.from_ids(["hidden-text"]))
    asked = Asked(end)
    asked.only = target
    (found,) = resolved([report], "", DEFAULT_SETTINGS, cast("Resolver", asked))
    assert [item for item, _ in told(found)] == ([] if severity is None else [severity])


def test_known_bad_ends_are_told_with_their_source(tmp_path: Path) -> None:
    store = tmp_path / "store.intel"
    with IntelWriter(store) as writer:
        writer.add(
            Indicator(kind, value, "feed", "2026-01-01", "2026-02-01", "9999-12-31")
            for kind, value in ((Kind.URL, "http://bad.example.net/login"), (Kind.DOMAIN, "worse.example.net"))
        )
    settings = replace(DEFAULT_SETTINGS, intel_store=store)
    report = scanned(b"https://bit.ly/3xYz", Asked("http://bad.example.net/login"), settings)
    assert told(report) == [(Severity.CRITICAL, "bit.ly leads to url http://bad.example.net/login: feed 2026-01-01 to "
                             "2026-02-01")]  # fmt: skip
    assert told(scanned(b"https://bit.ly/a", Asked("https://a.worse.example.net/"), settings))[0][0] is Severity.HIGH
    assert told(scanned(b"http://bad.example.net/login", Asked("http://bad.example.net/login"), settings)) == []


def test_findings_stand_in_order_and_in_the_event() -> None:
    report = scanned(b"https://bit.ly/3xYz", Asked())
    assert [item.signature for item in report.findings] == ["resolved-link", "link-shortener"]
    assert report.findings[0].surface is Surface.LINK
    (found, _) = to_ecs(report)["seg"]["findings"]
    assert (found["rule"]["id"], found["severity"], found["threat"]["technique"]) == (
        "resolved-link", "high", {"id": "T1566.002"},
    )  # fmt: skip
    assert found["rule"]["description"].endswith(".")


def test_no_more_findings_than_of_a_signature() -> None:
    links = b" ".join(f"https://bit-{n}.example.org/".encode() for n in range(MAX_LINKS))
    assert len(told(scanned(links, Asked()))) == MAX_FINDINGS
