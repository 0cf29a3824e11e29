"""Mail under another name: what counts as mail, what comes out of it, and that the limits of archives hold."""

from __future__ import annotations

import base64
import io

import pytest
import pyzipper
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.domain.message import Message
from seg_ml.mail.parse import parse
from seg_ml.signatures.archives import archives_of, contents_of, files_of
from seg_ml.signatures.attached_links import attached_links
from seg_ml.signatures.unpack.letters import MAX_MESSAGES, is_letter
from seg_ml.signatures.unpack.limits import ArchiveLimits

HEAD = b"From: Carol <carol@example.net>\nSubject: An order\n"
PLAIN = HEAD + b"\nHello\n"
PAGE = HEAD + b"Content-Type: text/html\n\n<a href='https://elsewhere.example/a'>here</a>\n"
MBOX = b"From carol@example.net Tue Mar  3 09:15:00 2026\n"


def mail(content: bytes, kind: str = "application/octet-stream") -> Message:
    coded = base64.encodebytes(content)
    return parse(
        b"From: ann@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: "
        + kind.encode() + b"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n" + coded + b"--b--\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PLAIN, True),
        (b"\xef\xbb\xbf\r\n\r\n" + PLAIN.replace(b"\n", b"\r\n"), True),
        (b"X-Odd: a\n folded\nRECEIVED : from b\nMime-Version: 1.0\n\n", True),
        (MBOX + PLAIN, True),
        (b"From: the meeting of Tuesday\nwe agreed on the plan\n", False),
        (b"From here on: nothing\n", False),
        (b"Source: package\nMaintainer: Ann\n\n", False),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\n", False),
        (b"PK\x03\x04" + PLAIN, False),
        (b"", False),
        (b"a:" * 50_000, False),
    ],
)
def test_what_begins_as_mail_does(content: bytes, expected: bool) -> None:
    assert is_letter(content) is expected


def test_every_message_of_a_mailbox_is_read() -> None:
    (archive,) = archives_of(mail(MBOX + PLAIN + b"\n" + MBOX + PLAIN.replace(b"Hello", b"Second")))
    assert [member.content.strip() for member in archive.members] == [b"Hello", b"Second"]


def test_a_long_mailbox_says_that_it_is_not_read_to_its_end() -> None:
    (archive,) = archives_of(mail((MBOX + PLAIN) * (MAX_MESSAGES + 1)))
    assert (len(archive.members), bool(archive.unread)) == (MAX_MESSAGES, True)


def test_links_of_the_text_inside_are_links_of_an_attachment() -> None:
    assert [url.host for _, url in attached_links(mail(PAGE))] == ["elsewhere.example"]


def test_the_text_inside_is_no_attachment() -> None:
    assert [part.is_attachment for part in files_of(mail(PAGE))] == [True, False]


def test_a_message_that_the_parser_opened_is_not_opened_again() -> None:
    raw = b"From: a@example.org\nContent-Type: message/rfc822\n\n" + PLAIN
    assert contents_of(parse(raw)).archives == ()


def test_a_message_that_is_encoded_against_the_rules_is_opened() -> None:
    assert len(archives_of(mail(PLAIN, "message/rfc822"))) == 1


def test_mail_in_mail_ends_at_the_depth_of_archives() -> None:
    content = PLAIN
    for _ in range(6):
        content = HEAD + b"Content-Type: x/y\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(content)
    archives = archives_of(mail(content), ArchiveLimits(depth=3))
    assert (len(archives), archives[-1].limit) == (4, "archive-depth-limit")


def test_an_attached_mail_tells_the_password_of_its_archive() -> None:
    buffer = io.BytesIO()
    with pyzipper.AESZipFile(buffer, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"tulip-77")
        archive.writestr("scan.txt", "Minutes")
    inner = (
        HEAD + b"Content-Type: multipart/mixed; boundary=i\n\n--i\n\nThe password is tulip-77\n--i\n"
        b"Content-Type: application/zip\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(buffer.getvalue())
    )  # fmt: skip
    _, packed = archives_of(mail(inner))
    assert (packed.password, [member.content for member in packed.members]) == ("tulip-77", [b"Minutes"])


def test_the_limits_of_archives_hold() -> None:
    (archive,) = archives_of(mail((MBOX + PLAIN) * 20), ArchiveLimits(members=5))
    assert (len(archive.members), archive.limit) == (5, "archive-members-limit")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([MBOX, HEAD, PLAIN, b"\n", b"\0", b"--b\n", b"Content-Type: multipart/mixed;\n"])))
def test_hostile_bytes_are_data(pieces: list[bytes]) -> None:
    files_of(mail(b"".join(pieces)))
