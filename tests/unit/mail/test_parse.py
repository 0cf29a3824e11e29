"""The parser: what a reader sees, what is malformed, what is beyond a limit."""

import base64
import time

import pytest

from seg_ml.mail.limits import Limits
from seg_ml.mail.parse import parse


def codes(raw: bytes, **limits: int) -> set[str]:
    return {defect.code for defect in parse(raw, Limits(**limits)).defects}


def test_plain_message() -> None:
    message = parse(
        b"From: Ann <ann@a.example>\r\nTo: b@b.example, c@c.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHi, see http://a.example/x.\r\n"
    )
    assert message.subject == "Grüße"
    assert message.author.addr_spec == "ann@a.example"
    assert message.author.display_name == "Ann"
    assert [box.addr_spec for box in message.to] == ["b@b.example", "c@c.example"]
    assert message.links[0].target == "http://a.example/x"
    assert message.defects == ()


def test_html_shows_visible_text_and_keeps_the_rest_apart() -> None:
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>Pay <b>now</b></p>"
        '<div style="display:none">bayes poison</div><span style="color:#fff">white on white</span>'
        '<a href="https://evil.example/">https://bank.example</a><img src="http://t.example/p.gif">'
        "<script>x()</script></body></html>"
    )
    message = parse(b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n" + html.encode())
    assert message.text == "Pay now\nhttps://bank.example"
    assert "bayes poison" in message.hidden_text
    assert "white on white" in message.hidden_text
    assert "x()" not in message.hidden_text
    anchor = message.links[0]
    assert (anchor.target, anchor.text, anchor.kind) == ("https://evil.example/", "https://bank.example", "anchor")
    assert message.html.remote_images == 1
    assert message.html.scripts == 1
    assert message.html.hidden_elements == 2


def test_of_alternatives_the_html_is_what_is_seen() -> None:
    raw = (
        b"From: a@b.example\nContent-Type: multipart/alternative; boundary=X\n\n--X\nContent-Type: text/plain\n\nplain words\n"
        b"--X\nContent-Type: text/html\n\n<p>rich words</p>\n--X--\n"
    )
    message = parse(raw)
    assert message.text == "rich words"
    assert [part.content_type for part in message.parts] == ["text/plain", "text/html"]


def test_attached_message_is_opened_but_not_shown() -> None:
    raw = (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=X\n\n--X\n\nouter\n--X\nContent-Type: message/rfc822\n\n"
        b"From: c@d.example\nSubject: inner\n\ninner text\n--X--\n"
    )
    message = parse(raw)
    assert message.text == "outer"
    assert [part.path for part in message.parts] == ["1", "2", "2.1"]
    assert message.parts[2].text == "inner text"


def test_base64_goes_on_after_padding_in_the_middle() -> None:
    body = base64.b64encode(b"first!") + b"==\n" + base64.b64encode(b"second")
    message = parse(b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n" + body)
    assert "first!" in message.text
    assert "second" in message.text
    assert "base64-after-padding" in {defect.code for defect in message.defects}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"Subject: x\n\nbody", "no-from"),
        (b"From: a@b.example\nFrom: c@d.example\n\n", "duplicate-header"),
        (b"From: a@b.example\nnonsense\n\n", "not-a-header-field"),
        (b"From: a@b.example\nContent-Type: text/plain; charset=martian\n\n\xff", "charset"),
        (b"From: a@b.example\nContent-Type: multipart/mixed\n\nx", "no-boundary"),
        (b"From: a@b.example\nContent-Type: multipart/mixed; boundary=X\n\nx", "boundary-never-seen"),
        (b"From: a@b.example\nContent-Type: multipart/mixed; boundary=X\n\n--X\n\nx", "no-closing-boundary"),
        (
            b"From: a@b.example\nContent-Type: multipart/mixed; boundary=X\n\n--X\n\nx\n--X--\n--X\n\nlate\n",
            "parts-after-end",
        ),
        (b"From: a@b.example\nContent-Transfer-Encoding: rot13\n\nx", "unknown-transfer-encoding"),
        (b"From: a@b.example\nSubject: " + b"x" * 9000 + b"\n\n", "header-field-limit"),
    ],
)
def test_defects_are_data(raw: bytes, code: str) -> None:
    assert code in codes(raw)


def test_text_after_the_closing_boundary_is_read_too() -> None:
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=X\n\n--X\n\nx\n--X--\n--X\n\nlate words\n"
    assert "late words" in parse(raw).text


def test_depth_parts_and_header_limits() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(60))
    assert "depth-limit" in codes(nested)
    assert "parts-limit" in codes(b"Content-Type: multipart/mixed; boundary=X\n\n" + b"--X\n\n" * 2000)
    assert "header-fields-limit" in codes(b"X: y\n" * 600 + b"\n")
    assert "header-block-limit" in codes(b"X: " + b"y\n " * 60_000 + b"\n\n")


HOSTILE = {
    "deep divs": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "bare lines": b"Subject: x\r\n\r\n" + b"\r\n" * 5_000_000,
    "folded header": b"Subject: " + b"x\r\n " * 2_000_000,
    "folded recipients": b"To: " + b"a@b.example,\r\n " * 25_000 + b"\r\n\r\n",
    "comments": b"From: " + b"(" * 8_000 + b"\r\n\r\n",
    "same boundary": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 500_000,
    "attached in attached": b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?x?= " * 500 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_shapes_cost_linear_time(name: str) -> None:
    """No clock is asserted: a quadratic reader would not come back within the suite's patience."""
    before = time.process_time()
    parse(HOSTILE[name])
    print(f"{name}: {time.process_time() - before:.2f} s")


@pytest.mark.parametrize("boundary", [b'boundary="X', b'boundary="other"', b"x=y"])
def test_a_boundary_that_leads_nowhere_hides_nothing(boundary: bytes) -> None:
    raw = (
        b"From: a@b.example\nContent-Type: multipart/mixed; "
        + boundary
        + b"\n\n--X\nContent-Type: text/html\n\n<p>seen <a href='http://e.example/'>by all</a></p>\n--X--\n"
    )
    message = parse(raw)
    assert message.text == "seen by all"
    assert message.links[0].target == "http://e.example/"


def test_a_multipart_without_parts_is_shown_as_text() -> None:
    message = parse(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=X\n\nonly words http://e.example/\n")
    assert "only words" in message.text
    assert message.links
