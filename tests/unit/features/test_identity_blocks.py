"""What the blocks about session, header, claims and prose see."""

import pytest

from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.features.catalogue import FEATURES
from seg_ml.mail.parse import parse

NOWHERE = Envelope()


def row(block_id: str, raw: bytes, envelope: Envelope = NOWHERE, **results: object) -> dict[str, float]:
    (block,) = FEATURES.resolve([block_id])
    request = ScoreRequest(raw, envelope, AuthenticationResults(**results))  # type: ignore[arg-type]
    return block.extract(request, parse(raw))


BANK = b"""From: PayPal Support <service@%s>
To: Jo Miller <jo.miller@firm.example>
Subject: PayPal: your payment
Message-ID: <1.2@%s>
Content-Type: text/html

<p>Dear Jo, your PayPal account. PayPal team. <a href="https://%s/pay">log in</a></p>
"""


def test_a_brand_and_its_impostor_differ_in_identity_only() -> None:
    domain, other = b"paypal.com", b"pay-notice24.example"
    honest = row("claims", BANK % (domain, domain, b"www.paypal.com"), dkim="pass", dkim_domains=("paypal.com",))
    hostile = row("claims", BANK % (other, other, other))
    assert honest["brand_in_name"] == hostile["brand_in_name"] == 1.0
    assert (honest["brand_in_name_owned"], hostile["brand_in_name_owned"]) == (1.0, 0.0)
    assert (honest["author_is_brand_proven"], hostile["author_is_brand_proven"]) == (1.0, 0.0)
    assert (honest["brand_links_owned"], hostile["brand_links_owned"]) == (1.0, 0.0)
    assert (honest["anchors_proven"], hostile["anchors_proven"]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("helo", "name"),
    [
        ("pool-71-249-46-127.nycmny.east.verizon.net", "helo_line"),
        ("dbqufkodq", "helo_dotless"),
        ("190.2.21.205", "helo_address"),
        ("mail.firm.example", "helo_of_author"),
    ],
)
def test_what_a_client_calls_itself(helo: str, name: str) -> None:
    raw = b"From: a@firm.example\n\nx"
    assert row("session", raw, Envelope(helo=helo))[name] == 1.0
    assert row("session", raw, Envelope(helo="mx1.other.example"))[name] == 0.0


def test_a_mail_server_has_a_name_and_a_household_line_does_not() -> None:
    raw = b"From: a@firm.example\n\nx"
    line = row("session", raw, Envelope(helo="firm.example"), iprev="pass", client_name="pd9527.dip.line.example")
    server = row("session", raw, Envelope(helo="mx.firm.example"), iprev="pass", client_name="mx1.firm.example")
    nameless = row("session", raw, Envelope(helo="mx.firm.example"), iprev="permerror")
    assert (line["client_not_helo"], line["client_is_helo"], line["client_of_author"]) == (1.0, 0.0, 0.0)
    assert (server["client_not_helo"], server["client_is_helo"], server["client_of_author"]) == (0.0, 1.0, 1.0)
    assert (line["client_named"], nameless["client_named"], nameless["client_nameless"]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "name", ["mail.homedepot.example", "outbound.dynamics.example", "client.example", "customers.example"]
)
def test_what_a_domain_is_called_makes_no_household_line_of_its_servers(name: str) -> None:
    raw = b"From: a@firm.example\n\nx"
    found = row("session", raw, Envelope(helo=name), iprev="pass", client_name=name)
    below = row("session", raw, Envelope(helo=f"dsl-12.{name}"), iprev="pass", client_name=f"12.dip.{name}")
    assert (found["helo_line"], found["client_line"]) == (0.0, 0.0)
    assert (below["helo_line"], below["client_line"]) == (1.0, 1.0)


def test_an_unknown_session_says_nothing() -> None:
    assert not any(row("session", b"From: a@firm.example\n\nx").values())


def test_a_reply_to_nothing_and_needless_encoding() -> None:
    raw = b"From: =?utf-8?b?Sm8=?= <a@b.example>\nSubject: =?utf-8?q?Re=3A_hello?=\n\nx"
    found = row("header-form", raw)
    assert found["reply_without_reference"] == found["subject_needlessly_encoded"] == 1.0
    assert found["name_needlessly_encoded"] == found["id_missing"] == 1.0


@pytest.mark.parametrize("block", ["writing", "header-form", "structure"])
def test_to_look_like_an_answer_earns_nothing(block: str) -> None:
    letter = b"From: a@b.example\nTo: c@d.example\nMessage-ID: <1@b.example>\nSubject: %shello\n%s\nPay the bill.\n%s"
    answer = row(block, letter % (b"Re: ", b"In-Reply-To: <2@d.example>\nReferences: <2@d.example>\n", b""))
    fresh = row(block, letter % (b"Xy: ", b"", b""))
    assert answer == fresh
    assert not {"quoted_lines", "subject_reply", "reply_with_reference"} & set(answer)


def test_a_salad_of_words_is_no_prose() -> None:
    salad = b"From: Kirk <corine@x.example>\n\nteetering disaster signature boot vector yacht illegible granite"
    letter = (
        b"From: Kirk <kirk@x.example>\n\nDear Jo, I have seen that the plan is on your desk, and we will talk to you."
    )
    assert row("prose", salad)["function_words"] < 0.2 < row("prose", letter)["function_words"]
    assert row("prose", salad)["name_in_local"] == 0.0
    assert row("prose", letter)["name_in_local"] == 1.0


@pytest.mark.parametrize(
    ("author", "expected"),
    [("Kirk <corine@x.example>", 0.0), ("Kirk <kirk2@x.example>", 1.0), ("Planet Rome <rssfeeds@x.example>", 0.5)],
)
def test_whose_name_stands_before_the_at_is_asked_of_persons(author: str, expected: float) -> None:
    assert row("prose", f"From: {author}\n\nx".encode())["name_in_local"] == expected
    assert row("prose", b"From: kirk@x.example\n\nx")["name_in_local"] == 0.5
