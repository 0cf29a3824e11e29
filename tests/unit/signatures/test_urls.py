"""Links as a browser reads them, and behind redirectors; nothing is fetched."""

from __future__ import annotations

import base64
import json

import pytest

from seg_ml.signatures.urls import MAX_HOPS, read_url, unwrap


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fx&data=04", "evil.example"),
        ("https://urldefense.proofpoint.com/v2/url?u=http-3A__evil.example_abc&d=x", "evil.example"),
        ("https://urldefense.com/v3/__https://evil.example/abc__;!!x", "evil.example"),
        ("https://www.google.com/url?sa=t&q=https://evil.example/", "evil.example"),
        ("https://urldefense.com/v3/__https://evil.example/a*b__;Iw!!x$", "evil.example"),
        ("https://secure-web.cisco.com/1abc/https%3A%2F%2Fevil.example%2Fa", "evil.example"),
        ("https://abc.awstrack.me/L0/https:%2F%2Fevil.example%2Fa/1/0100", "evil.example"),
        ("https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fevil.example&c=E,1", "evil.example"),
        ("https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9i&ntb=1", "evil.example"),
        ("https://eu1.sophos.com/?d=evil.example&u=aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYQ==&p=m", "evil.example"),
        ("https://protect-eu.mimecast.com/s/abc?domain=evil.example", "evil.example"),
        ("https://e.example.org/e/c/" + packed({"email": 7, "href": "https://evil.example/a"}), "evil.example"),
        ("https://t.example.org/?p=" + packed({"p": '{"url":"https:\\/\\/evil.example\\/a"}'}), "evil.example"),
        ("https://shop.example.org/?token=eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.x", "shop.example.org"),
        ("https://shop.example.org/a/aHR0c/b", "shop.example.org"),
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


def test_characters_that_proofpoint_put_aside_come_back() -> None:
    url = unwrap("https://urldefense.com/v3/__https://evil.example/a*b*c__;IyM!!x$")
    assert url is not None
    assert url.href == "https://evil.example/a#b#c"


def test_written_host_differs_from_the_one_reached() -> None:
    url = read_url("http://user:pw@0x7f.1:8080/x")
    assert url is not None
    assert (url.written_host, url.host, url.username, url.port) == ("0x7f.1", "127.0.0.1", "user", "8080")
