"""Threat intelligence: feeds, the store, its replacement under a reader, mutes, discovery, the commands."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seg_ml.cli.intel import intel_app as app
from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.discovery import imitations, names_in
from seg_ml.signatures.intel_json import array_items
from seg_ml.signatures.intel_loaders import LOADERS, Feed, canonical, guess
from seg_ml.signatures.intel_store import Indicator, IntelStore, Kind, Mute
from seg_ml.signatures.intel_writer import IntelWriter

RUNNER = CliRunner(env={"COLUMNS": "300"})
FEED = Feed("test", "2026-03-01", 90)
HASH = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"


def loaded(form: str, text: str) -> list[tuple[str, str] | None]:
    rows = LOADERS[form](io.StringIO(text), FEED)
    return [(row.kind.value, row.value) if row is not None else None for row in rows]


def test_plain_lists() -> None:
    text = f"# c\nhttp://EXAMPLE.net/a b\n0.0.0.0 bad.example.net\n203.0.113.5\n{HASH.upper()}\nx@example.net\nno\n"
    assert loaded("list", text) == [
        ("url", "http://example.net/a%20b"), ("domain", "bad.example.net"), ("ip", "203.0.113.5"), ("sha256", HASH),
        ("email", "x@example.net"), None,
    ]  # fmt: skip


def test_urlhaus_keeps_dates_and_tags() -> None:
    row = (
        '"1","2026-02-03 10:00:00","http://203.0.113.9/x","online","2026-02-05","malware","elf,mirai","https://l/","r"'
    )
    text = f"# id,...\n{row}\n"
    (found,) = LOADERS["urlhaus"](io.StringIO(text), FEED)
    assert found is not None
    assert (found.value, found.first_seen, found.last_seen, found.expires) == (
        "http://203.0.113.9/x", "2026-02-03", "2026-02-05", "2026-05-06",
    )  # fmt: skip


def test_phishtank_and_hash_lists() -> None:
    header = "phish_id,url,phish_detail_url,submission_time,verified,verification_time,online,target\n"
    assert loaded("phishtank", header + "1,https://p.example.net/,d,2026-02-01T00:00:00+00:00,yes,t,yes,PayPal\n") == [
        ("url", "https://p.example.net/")
    ]
    assert loaded("hashes", f"# c\n{HASH}\nshort\n") == [("sha256", HASH), None]
    assert loaded("hashes", f'"2026-02-01 00:00:00", "{HASH}", "md5", "sha1", "r", "f", "exe", "m", "Emotet"\n') == [
        ("sha256", HASH)
    ]


def test_phishtank_json_and_the_ssl_blacklist() -> None:
    entries = [{"url": "https://p.example.net/", "submission_time": "2026-02-01T00:00:00+00:00"}, {"url": ""}, 5]
    assert loaded("phishtank", json.dumps(entries)) == [("url", "https://p.example.net/"), None, None]
    rows = (
        f"# Listingdate,SHA1,Listingreason\n2026-02-01 10:00:00,{'ab' * 20},Dridex C&C\n2026-02-01,203.0.113.5,443\nx\n"
    )
    assert loaded("sslbl", rows) == [("sha1", "ab" * 20), ("ip", "203.0.113.5"), None]
    with pytest.raises(ConfigError, match="feed test"):
        loaded("phishtank", json.dumps(entries)[:-5])


def test_arrays_are_read_item_by_item() -> None:
    items: list[object] = [{"a": "]," * 40_000}, [1, [2]], "x", 12.5, True, None, {"b": "\u00fc"}]
    assert list(array_items(io.StringIO(" " + json.dumps(items, indent=1) + "\n"))) == items
    assert list(array_items(io.StringIO("[]"))) == []
    for text in ("", "{}", "[1", '[{"a"', "[1,"):
        with pytest.raises(ValueError, match=r"array|cut short|nothing"):
            list(array_items(io.StringIO(text)))


def test_stix_keeps_to_valid_until_and_reads_escapes() -> None:
    item = {
        "type": "indicator",
        "pattern": r"[url:value = 'http://bad.example.net/it\'s']",
        "valid_until": "2026-03-09T00:00:00Z",
    }
    (found,) = LOADERS["stix"](io.StringIO(json.dumps({"objects": [item]})), FEED)
    assert found is not None and (found.value, found.expires) == ("http://bad.example.net/it's", "2026-03-09")


def test_misp_and_stix() -> None:
    event = {"Event": {"date": "2026-02-01", "info": "campaign", "Attribute": [
        {"type": "domain", "value": "bad.example.net", "to_ids": True}, {"type": "comment", "value": "x"},
        {"type": "ip-dst", "value": "203.0.113.5", "to_ids": False}],
        "Object": [{"Attribute": [{"type": "sha256", "value": HASH}]}]}}  # fmt: skip
    assert loaded("misp", json.dumps(event)) == [("domain", "bad.example.net"), ("sha256", HASH)]
    bundle = {"type": "bundle", "objects": [
        {"type": "indicator", "pattern": "[url:value = 'http://bad.example.net/x']", "valid_from": "2026-02-01"},
        {"type": "indicator", "pattern": f"[file:hashes.'SHA-256' = '{HASH}']"},
        {"type": "indicator", "pattern": "[process:pid = 1]"}, {"type": "malware", "name": "x"},
        {"type": "indicator", "revoked": True, "pattern": "[domain-name:value = 'gone.example.net']"}]}  # fmt: skip
    assert loaded("stix", json.dumps(bundle)) == [("url", "http://bad.example.net/x"), ("sha256", HASH), None]


@pytest.mark.parametrize("form", ["misp", "stix"])
@pytest.mark.parametrize("text", ["{", "[1]", '{"objects": 1, "response": 1}'])
def test_what_is_no_feed_is_refused(form: str, text: str) -> None:
    with pytest.raises(ConfigError, match="feed test"):
        loaded(form, text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Kind.DOMAIN, "no domain"), (Kind.IP, "300.1.1.1"), (Kind.SHA256, "abc"), (Kind.URL, "ftp:"), (Kind.EMAIL, "x")],
)
def test_values_of_no_kind(kind: Kind, value: str) -> None:
    assert canonical(kind, value) is None


def test_guesses_kinds() -> None:
    assert [guess(v) for v in ("hxxp://x.example/", HASH, "::1", "a@b.c", "b\u00fccher.example", "")] == [
        Kind.URL, Kind.SHA256, Kind.IP, Kind.EMAIL, Kind.DOMAIN, None,
    ]  # fmt: skip


def bad(value: str, source: str = "a", last: str = "2026-02-01") -> Indicator:
    return Indicator(Kind.DOMAIN, value, source, "2026-01-01", last, "2026-06-01")


def test_store_merges_expires_and_mutes(tmp_path: Path) -> None:
    path = tmp_path / "store.intel"
    with IntelWriter(path) as writer:
        assert writer.add([bad("x.example.net"), bad("x.example.net", "b"), bad("y.example.net")]) == 3
    with IntelWriter(path) as writer:
        writer.add([Indicator(Kind.DOMAIN, "x.example.net", "a", "2025-12-01", "2026-03-01", "2026-07-01")])
        writer.mute(Mute(Kind.DOMAIN, "y.example.net", "ours", "2026-04-01"))
    store = IntelStore(path)
    found = store.find(Kind.DOMAIN, "x.example.net", "2026-05-01")
    assert [(item.source, item.first_seen, item.last_seen) for item in found] == [
        ("a", "2025-12-01", "2026-03-01"),
        ("b", "2026-01-01", "2026-02-01"),
    ]
    assert [item.source for item in store.find(Kind.DOMAIN, "x.example.net", "2026-06-15")] == ["a"]
    assert store.find(Kind.DOMAIN, "y.example.net", "2026-03-15") == ()
    assert store.find(Kind.DOMAIN, "y.example.net", "2026-04-01") != ()
    assert store.find(Kind.URL, "x.example.net", "2026-05-01") == ()


def test_many_indicators_are_all_found_and_others_are_not(tmp_path: Path) -> None:
    path = tmp_path / "store.intel"
    with IntelWriter(path) as writer:
        writer.add(bad(f"h{number}.example.net") for number in range(3000))
    with IntelWriter(path) as writer:
        writer.add(bad(f"h{number}.example.net", "b") for number in range(2000, 5000))
        writer.drop_expired("2026-01-01")
    store = IntelStore(path)
    found = [len(store.find(Kind.DOMAIN, f"h{number}.example.net", "2026-05-01")) for number in range(6000)]
    assert found == [1] * 2000 + [2] * 1000 + [1] * 2000 + [0] * 1000
    assert store.counts() == {("a", "domain"): (3000, "2026-02-01"), ("b", "domain"): (3000, "2026-02-01")}
    assert len(list(store.indicators())) == 6000


def test_a_store_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.intel"
    with IntelWriter(path) as writer:
        writer.add([bad("x.example.net")])
    whole = path.read_bytes()
    for size in (0, 10, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(ConfigError, match=r"store\.intel"):
            IntelStore(path)


HOLDER = """
import sys, time
from pathlib import Path
from seg_ml.signatures.intel_store import IntelStore, Kind
store = IntelStore(Path(sys.argv[1]))
for line in sys.stdin:
    print(len(store.find(Kind.DOMAIN, line.strip(), "2026-05-01")), flush=True)
"""


def test_a_running_process_sees_the_next_store(tmp_path: Path) -> None:
    path = tmp_path / "store.intel"
    with IntelWriter(path) as writer:
        writer.add([bad("x.example.net")])
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None and process.stdout is not None

        def asked(value: str) -> int:
            process.stdin.write(value + "\n")
            return int(process.stdout.readline())

        assert (asked("x.example.net"), asked("z.example.net")) == (1, 0)
        with IntelWriter(path) as writer:
            writer.add([bad("z.example.net")])
            writer.mute(Mute(Kind.DOMAIN, "x.example.net", "ours", "2026-09-01"))
        for _ in range(200):
            if asked("z.example.net"):
                break
            time.sleep(0.1)
        assert (asked("x.example.net"), asked("z.example.net")) == (0, 1)
        process.stdin.close()


def test_a_reader_sees_the_next_store_without_restart(tmp_path: Path) -> None:
    path = tmp_path / "store.intel"
    with IntelWriter(path) as writer:
        writer.add([bad("x.example.net")])
    store = IntelStore(path, recheck=0.0)
    assert store.find(Kind.DOMAIN, "z.example.net", "2026-05-01") == ()
    with IntelWriter(path) as writer:
        writer.add([bad("z.example.net")])
    assert store.find(Kind.DOMAIN, "z.example.net", "2026-05-01") != ()
    assert sorted(file.name for file in tmp_path.iterdir()) == [".store.intel.lock", "store.intel"]


def test_a_failed_update_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.intel"
    with IntelWriter(path) as writer:
        writer.add([bad("x.example.net")])
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), IntelWriter(path) as writer:
        writer.add(bad(f"{1 // n}.example.net") for n in (1, 0))
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == [".store.intel.lock", "store.intel"]


def test_one_update_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "store.intel"
    with IntelWriter(path), pytest.raises(ConfigError, match="another process"), IntelWriter(path):
        pass
    with IntelWriter(path) as writer:
        assert writer.add([bad("x.example.net")]) == 1


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="intel update"):
        IntelStore(tmp_path / "none.intel")
    (tmp_path / "text.intel").write_text("no store" * 200)
    with pytest.raises(ConfigError, match=r"text\.intel"):
        IntelStore(tmp_path / "text.intel")


def test_discovery_reads_lists_csv_and_certificates() -> None:
    lines = ["# new", "*.paypa1.com", "honest.example.net,2026-03-01", "secure-netflix.com 1",
             json.dumps({"data": {"leaf_cert": {"all_domains": ["micr0soft.net"]}}}), "{broken"]  # fmt: skip
    assert [(found.host, found.brand.name) for found in imitations(names_in(lines))] == [
        ("paypa1.com", "PayPal"), ("secure-netflix.com", "Netflix"), ("micr0soft.net", "Microsoft"),
    ]  # fmt: skip


def test_commands(tmp_path: Path) -> None:
    feed, store = tmp_path / "feed.txt", str(tmp_path / "store.intel")
    feed.write_text("bad.example.net\nno value\nhttp://bad.example.net/x\n")
    result = RUNNER.invoke(app, ["update", "list", str(feed), "--store", store, "--source", "own"])
    assert "2 indicators read, 1 rows skipped" in result.output
    assert "own" in RUNNER.invoke(app, ["list", "--store", store]).output
    assert "own (high reliability), seen" in RUNNER.invoke(app, ["explain", "bad.example.net", "--store", store]).output
    assert RUNNER.invoke(app, ["explain", "good.example.net", "--store", store]).exit_code == 1
    arguments = ["mute", "bad.example.net", "--reason", "ours", "--store", store]
    assert RUNNER.invoke(app, [*arguments, "--until", "2020-01-01"]).exit_code == 2
    assert RUNNER.invoke(app, arguments).exit_code == 0
    explained = RUNNER.invoke(app, ["explain", "bad.example.net", "--store", store]).output
    assert "own (high reliability), seen" in explained and "muted until" in explained and "ours" in explained
    assert "ours" in RUNNER.invoke(app, ["list", "--store", store]).output
    assert "http://bad.example.net/x" in RUNNER.invoke(app, ["list", "--store", store, "--source", "own"]).output
    assert RUNNER.invoke(app, ["unmute", "bad.example.net", "--store", store]).exit_code == 0
    assert RUNNER.invoke(app, ["unmute", "bad.example.net", "--store", store]).exit_code == 1
    assert "muted" not in RUNNER.invoke(app, ["explain", "bad.example.net", "--store", store]).output
    assert RUNNER.invoke(app, ["update", "none", str(feed), "--store", store]).exit_code == 2
    assert RUNNER.invoke(app, ["explain", "x.example.net", "--store", str(tmp_path / "no")]).exit_code == 2


def test_discover_command_protects_own_domains(tmp_path: Path) -> None:
    names = tmp_path / "new.txt"
    names.write_text("contoso-login.net\nhonest.example.net\n")
    result = RUNNER.invoke(app, ["discover", str(names), "--own", "contoso.com"])
    assert result.output.startswith("contoso-login.net\tcontoso.com\t")
