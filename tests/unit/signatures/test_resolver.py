"""The resolver asks its proxy and nobody else, and never for what is private."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.resolver import MAX_STEPS, Resolver, is_global

ANSWERS = {
    "http://short.example.org/a": "http://long.example.net/b",
    "http://long.example.net/b": "/c?d=1",
    "http://circle.example.org/": "http://circle.example.org/",
    "http://inside.example.org/": "http://169.254.169.254/latest/meta-data",
    "http://mapped.example.org/": "http://[::ffff:10.0.0.1]/",
    "http://name.example.org/": "http://intranet/",
    "http://lookup.example.org/": "http://rebound.example.org/",
    "http://file.example.org/": "file:///etc/passwd",
    "http://port.example.org/": "http://long.example.net:8080/",
    "http://user.example.org/": "http://me:secret@long.example.net/",
    "http://own.example.org/": "http://portal.corp-own.net/token",
}


class Proxy(BaseHTTPRequestHandler):
    """A forward proxy that answers by itself; `asked` is what it was asked for."""

    asked: list[tuple[str, dict[str, str]]] = []  # noqa: RUF012 - shared on purpose

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        location = ANSWERS.get(self.path)
        if self.path.startswith("http://endless.example.org/"):
            location = self.path + "a"
        self.send_response(302 if location else 200)
        if self.path == "http://download.example.org/":
            self.send_header("Content-Type", "Application/X-MSDownload; charset=binary")
            self.send_header("Content-Disposition", "attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.exe")
        self.send_header("Set-Cookie", "a=b; Domain=example.org")
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def proxy() -> Iterator[str]:
    Proxy.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def lookup(host: str) -> set[str]:
    if host == "unknown.example.org":
        raise OSError("no such name")
    return {"93.184.215.14", "192.168.1.7"} if host == "rebound.example.org" else {"93.184.215.14"}


@pytest.fixture
def resolver(proxy: str) -> Iterator[Resolver]:
    made = Resolver(proxy, never=["corp-own.net"], lookup=lookup)
    yield made
    made.close()


def test_redirects_are_followed_to_their_end(resolver: Resolver) -> None:
    found = resolver.follow("http://short.example.org/a#part")
    assert found.steps[1:] == ("http://long.example.net/b", "http://long.example.net/c?d=1")
    assert (found.end, found.stopped) == ("http://long.example.net/c?d=1", "")
    assert [path for path, _ in Proxy.asked] == ["http://short.example.org/a", *found.steps[1:]]


def test_nothing_is_told_about_who_asks(resolver: Resolver) -> None:
    resolver.follow("http://short.example.org/a")
    assert all({name.lower() for name in headers}.isdisjoint({"cookie", "referer"}) for _, headers in Proxy.asked)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("inside", "169.254.169.254, which is not of the public internet"),
        ("mapped", "not of the public internet"),
        ("name", "intranet is a name of an internal network"),
        ("lookup", "leads to 192.168.1.7"),
        ("unknown", "cannot be looked up"),
        ("file", "no web address"),
        ("port", "port 8080"),
        ("user", "credentials"),
        ("own", "corp-own.net is not asked"),
        ("circle", "in a circle"),
        ("endless", "too long"),
    ],
)
def test_what_is_not_followed(resolver: Resolver, host: str, reason: str) -> None:
    found = resolver.follow(f"http://{host}.example.org/")
    assert reason in found.stopped
    assert len(Proxy.asked) <= MAX_STEPS


@pytest.mark.parametrize("target", ["http://127.0.0.1/", "http://0x7f.1/", "http://[fe80::1]/", "http://2130706433/"])
def test_addresses_in_any_writing(resolver: Resolver, target: str) -> None:
    assert "not of the public internet" in resolver.follow(target).stopped
    assert Proxy.asked == []


def test_names_may_be_left_to_the_proxy(proxy: str) -> None:
    resolver = Resolver(proxy, lookup=None)
    assert resolver.follow("http://unknown.example.org/").stopped == ""
    assert "internal" in resolver.follow("http://db.internal/").stopped
    resolver.close()


def test_the_environment_cannot_send_it_elsewhere(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    assert resolver.follow("http://short.example.org/a").stopped == ""
    assert len(Proxy.asked) == 3


def test_a_proxy_that_is_away_is_no_answer() -> None:
    resolver = Resolver("http://127.0.0.1:9", lookup=lookup)
    assert "no answer" in resolver.follow("http://short.example.org/a").stopped


def test_what_is_no_proxy_is_refused() -> None:
    with pytest.raises(ConfigError, match="no proxy"):
        Resolver("not a proxy")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("10.1.2.3", False), ("100.64.0.1", False), ("::1", False),
        ("fd00::1", False), ("64:ff9b::a00:1", False), ("64:ff9b::808:808", True), ("2002:a00:1::", False),
        ("224.0.0.1", False), ("fe80::1%eth0", False), ("name", False),
    ],
)  # fmt: skip
def test_public_addresses(address: str, expected: bool) -> None:
    assert is_global(address) is expected


def test_what_is_handed_out_is_told_by_its_headers(resolver: Resolver) -> None:
    found = resolver.follow("http://download.example.org/")
    assert (found.media_type, found.filename) == ("application/x-msdownload", "r\u00e9sum\u00e9.exe")
