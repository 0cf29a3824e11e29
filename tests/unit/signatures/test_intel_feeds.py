"""Feeds over HTTP: a server on loopback gives what real ones give, and what broken ones do."""

from __future__ import annotations

import gzip
import io
import json
import sys
import threading
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stamina
import yaml
from typer.testing import CliRunner

from seg_ml.cli.intel import intel_app as app
from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.feeds.settings import FeedSettings, read_sources
from seg_ml.signatures.feeds.update import Outcome, update
from seg_ml.signatures.intel_store import IntelStore, Kind

sys.path.append(str(Path(__file__).parents[2] / "fixtures" / "signatures"))
from loopback_web import Reply, Web

DAY = "2026-03-01"
HASH = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
URLHAUS = '# c\n"1","2026-02-03 10:00:00","http://203.0.113.9/x","online","2026-02-25","malware","elf","l","r"\n'


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web()
    thread = threading.Thread(target=web.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    stamina.set_testing(True, attempts=3)
    yield web
    stamina.set_testing(False)
    web.server.shutdown()
    thread.join()
    web.server.server_close()


Sourced = Callable[..., FeedSettings]


@pytest.fixture
def sourced(tmp_path: Path) -> Sourced:
    def write(*sources: dict[str, object], **others: object) -> FeedSettings:
        path = tmp_path / "intel.yaml"
        path.write_text(yaml.safe_dump({"store": "store.intel", "sources": list(sources), **others}))
        return read_sources(path)

    return write


def run(settings: FeedSettings, day: str = DAY) -> list[Outcome]:
    return update(settings.sources, settings.store, day=day)[0]


def found(settings: FeedSettings, kind: Kind, value: str) -> list[tuple[str, str, str, str]]:
    items = IntelStore(settings.store).everything(kind, value)
    return [(item.source, item.first_seen, item.last_seen, item.expires) for item in items]


def test_every_kind_of_file(web: Web, sourced: Sourced) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("full.csv", f'"2026-02-01 00:00:00", "{HASH}", "m", "s", "r", "f", "exe", "t", "Emotet"\n')
    pages: dict[str, str | bytes] = {
        "urlhaus": URLHAUS,
        "openphish": "https://o.example.net/login\n",
        "phishtank": gzip.compress(json.dumps([{"url": "https://p.example.net/"}]).encode()),
        "hashes": packed.getvalue(),
        "sslbl": "# c\n2026-02-01 10:00:00,203.0.113.5,443\n",
        "misp": json.dumps({"Event": {"Attribute": [{"type": "domain", "value": "m.example.net"}]}}),
        "stix": json.dumps({"objects": [{"type": "indicator", "pattern": "[domain-name:value = 's.example.net']"}]}),
    }
    for kind, body in pages.items():
        web.page(f"/{kind}", body)
    settings = sourced(*({"name": kind, "kind": kind, "url": f"{web.url}/{kind}", "days": 10} for kind in pages))
    assert [(outcome.source, outcome.read, outcome.problem) for outcome in run(settings)] == [
        (kind, 1, "") for kind in pages
    ]
    assert found(settings, Kind.URL, "http://203.0.113.9/x") == [("urlhaus", "2026-02-03", "2026-02-25", "2026-03-07")]
    assert found(settings, Kind.URL, "https://p.example.net/") == [("phishtank", DAY, DAY, "2026-03-11")]
    assert found(settings, Kind.SHA256, HASH)[0][:2] == ("hashes", "2026-02-01")
    for kind, value in ((Kind.IP, "203.0.113.5"), (Kind.DOMAIN, "m.example.net"), (Kind.DOMAIN, "s.example.net")):
        assert found(settings, kind, value)


def test_later_updates_keep_the_first_day_and_let_expire(web: Web, sourced: Sourced) -> None:
    settings = sourced({"name": "own", "kind": "list", "url": f"{web.url}/l", "days": 10, "reliability": "low"})
    web.page("/l", "a.example.net\nb.example.net\n")
    run(settings)
    web.page("/l", "a.example.net\n")
    run(settings, "2026-03-08")
    assert found(settings, Kind.DOMAIN, "a.example.net") == [("own", DAY, "2026-03-08", "2026-03-18")]
    _, expired = update(settings.sources, settings.store, day="2026-03-12")
    assert (expired, found(settings, Kind.DOMAIN, "b.example.net")) == (1, [])
    assert IntelStore(settings.store).everything(Kind.DOMAIN, "a.example.net")[0].reliability == "low"


def test_what_did_not_change_is_not_sent_again(web: Web, sourced: Sourced) -> None:
    def page(query: dict[str, str], headers: dict[str, str]) -> Reply:
        fields = {"ETag": '"1"', "Last-Modified": "Sun, 01 Mar 2026 00:00:00 GMT"}
        same = headers.get("if-none-match") == '"1"' and "if-modified-since" in headers
        return (304, {**fields, "Content-Length": "0"}, b"") if same else (200, fields, b"a.example.net\n")

    web.pages["/l"] = page
    settings = sourced({"name": "own", "kind": "list", "url": f"{web.url}/l", "days": 10})
    assert [run(settings, day)[0].unchanged for day in (DAY, "2026-03-02", "2026-03-05")] == [False, True, True]
    # What is still listed would soon expire: it is read again, and so seen again.
    assert not run(settings, "2026-03-07")[0].unchanged
    assert found(settings, Kind.DOMAIN, "a.example.net") == [("own", DAY, "2026-03-07", "2026-03-17")]


BROKEN: dict[str, tuple[Reply, str]] = {
    "web page": ((200, {"Content-Type": "text/html"}, b"<!doctype html><p>Sign in</p>"), "web page"),
    "web page that hides": ((200, {"Content-Type": "text/csv"}, b"\n <HTML><p>Sign in</p>"), "web page"),
    "prose": ((200, {}, b"Rate limit, see our site\nfor more\n"), "not one indicator"),
    "mostly prose": ((200, {}, b"a.example.net\nno\nno way\nno, really\n"), "rows are no indicators"),
    "empty": ((200, {}, b""), "not one indicator"),
    "cut short": ((200, {"Content-Length": "500"}, b"a.example.net\n"), "RemoteProtocolError"),
    "gzip cut short": ((200, {}, gzip.compress(b"a.example.net\n" * 99)[:-20]), "cut short"),
    "gzip in transfer, cut short": (
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b"a.example.net\n" * 99)[:-9]),
        "cut short",
    ),
    "too large": ((200, {}, b"a.example.net\n" * 200), "size limit"),
    "too large unpacked": ((200, {}, gzip.compress(b"a.example.net\n" * 9999)), "size limit"),
    "packed otherwise": ((200, {"Content-Encoding": "br"}, b"\x0b\x02\x80"), "packed"),
    "refused": ((403, {}, b"no"), "answered 403"),
    "down": ((503, {}, b"later"), "answered 503"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_leaves_the_store_as_it_was(web: Web, sourced: Sourced, case: str) -> None:
    source: dict[str, object] = {"name": "own", "kind": "list", "url": f"{web.url}/l", "size_limit": 2000}
    web.page("/l", "a.example.net\n")
    settings = sourced(source)
    run(settings)
    before = settings.store.read_bytes()
    reply, problem = BROKEN[case]
    web.pages["/l"] = lambda query, headers: reply
    (outcome,) = run(settings, "2026-03-02")
    assert problem in outcome.problem and outcome.read == 0
    assert settings.store.read_bytes() == before
    assert sorted(path.name for path in settings.store.parent.iterdir()) == [
        ".store.intel.lock", "intel.yaml", "store.intel",
    ]  # fmt: skip


def test_a_source_that_fails_does_not_stop_the_others(web: Web, sourced: Sourced) -> None:
    web.page("/l", "a.example.net\n")
    good = {"name": "good", "kind": "list", "url": f"{web.url}/l"}
    settings = sourced({"name": "gone", "kind": "list", "url": f"{web.url}/none"}, good)
    gone, read = run(settings)
    assert ("answered 404" in gone.problem, read.read) == (True, 1)
    assert found(settings, Kind.DOMAIN, "a.example.net")


def test_tries_again_where_that_helps(web: Web, sourced: Sourced) -> None:
    replies = [(503, {}, b""), (200, {}, b"a.example.net\n")]
    web.pages["/l"] = lambda query, headers: replies.pop(0)
    assert run(sourced({"name": "own", "kind": "list", "url": f"{web.url}/l"}))[0].read == 1


def test_secrets_come_from_the_environment(web: Web, sourced: Sourced, monkeypatch: pytest.MonkeyPatch) -> None:
    web.page("/l", "a.example.net\n")
    settings = sourced(
        {"name": "own", "kind": "list", "url": f"{web.url}/l", "headers": {"Auth-Key": "env:SEG_TEST_KEY"}}
    )
    assert "SEG_TEST_KEY is not set" in run(settings)[0].problem
    monkeypatch.setenv("SEG_TEST_KEY", "s3cret")
    assert run(settings)[0].read == 1
    assert web.seen[-1][1]["auth-key"] == "s3cret"


def taxii(objects: list[tuple[str, str]], marks: bool) -> Callable[[dict[str, str], dict[str, str]], Reply]:
    """A collection of (date added, domain), two a page; without `marks` clients go on by date."""

    def page(query: dict[str, str], headers: dict[str, str]) -> Reply:
        assert headers["accept"] == "application/taxii+json;version=2.1"
        if headers.get("authorization") != "Basic " + b64encode(b"ann:pw").decode():
            return 401, {}, b""
        assert query["match[type]"] == "indicator"
        chosen = [item for item in objects if item[0] > query.get("added_after", "")]
        start = int(query.get("next", "0"))
        shown, more = chosen[start : start + 2], len(chosen) > start + 2
        envelope: dict[str, object] = {"more": more}
        if shown:
            envelope["objects"] = [
                {"type": "indicator", "pattern": f"[domain-name:value = '{domain}']", "valid_from": added}
                for added, domain in shown
            ]
        if more and marks:
            envelope["next"] = str(start + 2)
        fields = {"Content-Type": "application/taxii+json;version=2.1"}
        if shown:
            fields |= {"X-TAXII-Date-Added-First": shown[0][0], "X-TAXII-Date-Added-Last": shown[-1][0]}
        return 200, fields, json.dumps(envelope).encode()

    return page


@pytest.mark.parametrize("marks", [True, False], ids=["next", "dates"])
def test_taxii_goes_page_by_page_and_on_from_there(
    web: Web, sourced: Sourced, monkeypatch: pytest.MonkeyPatch, marks: bool
) -> None:
    monkeypatch.setenv("SEG_TEST_PASSWORD", "pw")
    objects = [(f"2026-02-0{day}T10:00:00.000Z", f"d{day}.example.net") for day in range(1, 6)]
    web.pages["/api/collections/1/objects/"] = taxii(objects, marks)
    source = {"name": "t", "kind": "taxii", "url": f"{web.url}/api/collections/1/", "user": "ann"}
    settings = sourced({**source, "password_env": "SEG_TEST_PASSWORD"})
    assert (run(settings)[0].read, len(web.seen)) == (5, 3)
    assert found(settings, Kind.DOMAIN, "d1.example.net")[0][1] == "2026-02-01"
    objects.append(("2026-02-09T10:00:00.000Z", "d9.example.net"))
    assert run(settings)[0].read == 1
    assert "added_after=2026-02-05T10" in web.seen[-1][0]
    assert run(settings)[0].read == 0
    assert found(settings, Kind.DOMAIN, "d9.example.net") and found(settings, Kind.DOMAIN, "d1.example.net")


def test_taxii_that_leads_nowhere_ends(web: Web, sourced: Sourced) -> None:
    web.page("/c/objects/", '{"more": true, "objects": []}')
    settings = sourced({"name": "t", "kind": "taxii", "url": f"{web.url}/c"})
    web.page("/c/objects/", "[]")
    assert "no TAXII envelope" in run(settings)[0].problem
    web.pages["/c/objects/"] = lambda query, headers: (
        200, {"X-TAXII-Date-Added-Last": "2026-02-01T00:00:00Z"}, b'{"more": true}',
    )  # fmt: skip
    assert "says `more` and not where" in run(settings)[0].problem
    assert not settings.store.exists()


def test_a_misp_feed_fetches_changed_events(web: Web, sourced: Sourced) -> None:
    ids = [f"{number:08}-0000-4000-8000-000000000000" for number in (1, 2)]
    for number, uuid in enumerate(ids):
        event = {"Event": {"date": "2026-02-01", "Attribute": [{"type": "domain", "value": f"m{number}.example.net"}]}}
        web.page(f"/feed/{uuid}.json", json.dumps(event))
    web.page("/feed/manifest.json", json.dumps({ids[0]: {"timestamp": "100"}}))
    settings = sourced({"name": "m", "kind": "misp", "url": f"{web.url}/feed/"})
    assert run(settings)[0].read == 1
    web.page("/feed/manifest.json", json.dumps({ids[0]: {"timestamp": "100"}, ids[1]: {"timestamp": "200"}}))
    assert run(settings)[0].read == 1
    assert [path for path, _ in web.seen].count(f"/feed/{ids[0]}.json") == 1
    assert found(settings, Kind.DOMAIN, "m0.example.net") and found(settings, Kind.DOMAIN, "m1.example.net")
    web.page("/feed/manifest.json", "[]")
    assert "no MISP manifest" in run(settings)[0].problem


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"name": "a", "kind": "none", "path": "x"}, "is none of"),
        ({"name": "a", "kind": "list"}, "either `url` or `path`"),
        ({"name": "a", "kind": "list", "url": "ftp://x"}, "neither https nor http"),
        ({"name": "a", "kind": "taxii", "path": "x"}, "has a url"),
        ({"name": "a", "kind": "list", "path": "x", "reliability": "some"}, "reliability"),
        ({"name": "a", "kind": "list", "path": "x", "days": 0}, "days must be"),
        ({"name": "a", "kind": "list", "path": "x", "colour": 1}, "unknown key 'colour'"),
        ({"kind": "list", "path": "x"}, "name"),
    ],
)
def test_wrong_settings_are_named(sourced: Sourced, source: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        sourced(source)


def test_update_command(web: Web, sourced: Sourced, tmp_path: Path) -> None:
    web.page("/l", "a.example.net\n")
    (tmp_path / "own.txt").write_text("b.example.net\n")
    own = {"name": "own", "kind": "list", "path": "own.txt"}
    settings = sourced({"name": "far", "kind": "list", "url": f"{web.url}/l"}, own)
    config = str(tmp_path / "intel.yaml")
    runner = CliRunner(env={"COLUMNS": "200"})
    result = runner.invoke(app, ["update", "--config", config])
    assert (result.exit_code, "far: 1 indicators" in result.output, "own: 1" in result.output) == (0, True, True)
    assert "far" in runner.invoke(app, ["list", "--store", str(settings.store)]).output
    assert runner.invoke(app, ["update", "--config", config, "--only", "none"]).exit_code == 2
    web.pages.clear()
    assert runner.invoke(app, ["update", "--config", config]).exit_code == 1
    assert runner.invoke(app, ["update", "--config", config, "--only", "own"]).exit_code == 0
    assert runner.invoke(app, ["update"]).exit_code == 2
