"""Paths: what is a mailbox, what is refused, and with which reply."""

from __future__ import annotations

import pytest

from gateway.smtp.addresses import BadPath, parse_path, routes_elsewhere


@pytest.mark.parametrize(
    ("argument", "keyword", "address", "parameters"),
    [
        ("FROM:<a@example.org>", "FROM:", "a@example.org", {}),
        ("from: <a@example.org> SIZE=12 body=8BITMIME", "FROM:", "a@example.org", {"SIZE": "12", "BODY": "8BITMIME"}),
        ("FROM:<>", "FROM:", "", {}),
        ("TO:<postmaster>", "TO:", "postmaster", {}),
        ("TO:<@relay.example,@b.example:a@example.org>", "TO:", "a@example.org", {}),
        ('TO:<"a>b c"@example.org>', "TO:", '"a>b c"@example.org', {}),
        ("TO:<a+b@[192.0.2.1]>", "TO:", "a+b@[192.0.2.1]", {}),
        ("FROM:<bücher@bücher.example> SMTPUTF8", "FROM:", "bücher@bücher.example", {"SMTPUTF8": ""}),
    ],
)
def test_good(argument: str, keyword: str, address: str, parameters: dict[str, str]) -> None:
    path = parse_path(argument, keyword)
    assert (path.address, path.parameters) == (address, parameters)


@pytest.mark.parametrize(
    "argument",
    [
        "TO:a@example.org",
        "TO:<a@example.org",
        "TO:<>",
        "TO:<a>",
        "TO:<a@>",
        "TO:<@example.org>",
        "TO:<a@example.org.>",
        "TO:<a@exa mple.org>",
        "TO:<a@b@example.org>",
        "TO:<a..b@example.org>",
        "TO:<a@-example.org>",
        "TO:<a@example.org>SIZE=1",
        "TO:<a@example.org> SIZE=1 SIZE=2",
        "TO:<a@example.org> =",
        "TO:<" + "a" * 300 + "@example.org>",
        "TO:<" + "a." * 4000,
        "FROM:<a@example.org>",
        "",
    ],
)
def test_refused(argument: str) -> None:
    with pytest.raises(BadPath) as caught:
        parse_path(argument, "TO:")
    assert caught.value.code in (501, 553)


@pytest.mark.parametrize(
    "address", ["a%other.example@ours.example", "other.example!a@ours.example", '"a@other.example"@ours.example']
)
def test_second_destinations_are_seen(address: str) -> None:
    assert routes_elsewhere(parse_path(f"TO:<{address}>", "TO:"))


def test_domain_is_in_lower_case() -> None:
    assert parse_path("TO:<A@Example.ORG>", "TO:").domain == "example.org"
