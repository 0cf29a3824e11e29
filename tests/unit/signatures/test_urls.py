"""Links as a browser reads them, and behind redirectors; nothing is fetched."""

from __future__ import annotations

import pytest

from seg_ml.signatures.urls import MAX_HOPS, read_url, unwrap


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fx&data=04", "evil.example"),
        ("https://urldefense.proofpoint.com/v2/url?u=http-3A__evil.example_abc&d=x", "evil.example"),
        ("https://urldefense.com/v3/__https://evil.example/abc__;!!x", "evil.example"),
        ("https://www.google.com/url?sa=t&q=https://evil.example/", "evil.example"),
        ("https://web.archive.org/web/2020/http://evil.example/", "evil.example"),
        ("https://shop.example.org/login?next=/orders", "shop.example.org"),
        ("https://shop.example.org/login?next=https://www.example.org/", "shop.example.org"),
        ("www.example.org/a", "www.example.org"),
        ("HTTP:\\\\EVIL.example\\x", "evil.example"),
        ("http://0300.0250.1.1/", "192.168.1.1"),
        ("http://example.org@evil.example/", "evil.example"),
    ],
)
def test_host_that_a_reader_would_reach(target: str, host: str) -> None:
    url = unwrap(target)
    assert url is not None
    assert url.host == host


@pytest.mark.parametrize("target", ["", "http://", "http://[::1", "not a url", "http://a b/"])
def test_what_a_browser_refuses_is_no_url(target: str) -> None:
    assert read_url(target) is None


def test_unwrapping_is_bounded() -> None:
    target = "https://end.example/"
    for hop in range(MAX_HOPS + 3):
        target = f"https://h{hop}.example/{target}"
    url = unwrap(target)
    assert url is not None
    assert len(url.hops) == MAX_HOPS


def test_written_host_differs_from_the_one_reached() -> None:
    url = read_url("http://user:pw@0x7f.1:8080/x")
    assert url is not None
    assert (url.written_host, url.host, url.username, url.port) == ("0x7f.1", "127.0.0.1", "user", "8080")
