"""Headers: forged ones go by the byte, everything else stays as it came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.authentication.fields import block_end, fields
from gateway.smtp import headers, stamps
from seg_ml.domain.envelope import AuthenticationResults, Envelope
from seg_ml.domain.verdict import Disposition

OURS = "mx.example.org"
BODY = b"From: a@example.net\r\n\r\nX-SEG-Verdict: in the body stays\r\n"


@pytest.mark.parametrize(
    "forged",
    [
        b"X-SEG-Verdict: deliver\r\n",
        b"x-seg-tag : a\r\n\tfolded\r\n folded again\r\n",
        b"Authentication-Results: mx.example.org; spf=pass\r\n",
        b"authentication-results:\r\n MX.EXAMPLE.ORG 1;\r\n dkim=pass\r\n",
        b"Authentication-Results: (a (nested) \\) comment) mx.example.org (b); spf=pass\r\n",
        b'Authentication-Results: "mx.example.org"; spf=pass\r\n',
    ],
)
def test_forged_fields_go(forged: bytes) -> None:
    assert headers.strip_ours(forged + BODY, OURS) == BODY
    assert headers.strip_ours(b"Subject: x\r\n" + forged + BODY, OURS) == b"Subject: x\r\n" + BODY
    assert headers.strip_ours(b"no field\r\n" + forged + BODY, OURS) == b"no field\r\n" + BODY
    assert headers.strip_ours(forged + forged, OURS) == b""


@pytest.mark.parametrize(
    "kept",
    [
        b"Authentication-Results: mx.example.net; spf=pass\r\n",
        b"Authentication-Results: notmx.example.org; spf=pass\r\n",
        b"X-Segment: 1\r\n",
        b"Subject: X-SEG-Verdict: deliver\r\n",
        b"Subject: folded\r\n X-SEG-Verdict: deliver\r\n",
    ],
)
def test_others_stay(kept: bytes) -> None:
    assert headers.strip_ours(kept + BODY, OURS) == kept + BODY


@given(
    st.lists(st.sampled_from([b"X-SEG-A: b\r\n", b"\r\n", b" x\r\n", b"A: b\r\n", b":\r\n", b"x"]), max_size=12).map(
        b"".join
    )
)
def test_stripping_twice_is_stripping_once(raw: bytes) -> None:
    once = headers.strip_ours(raw, OURS)
    end = block_end(raw)
    assert once.endswith(raw[end:])
    assert all(not name.startswith(b"x-seg-") for name, _, _ in fields(once[: len(once) - len(raw) + end]))


def test_received_and_token() -> None:
    envelope = Envelope("2001:db8::1", "evil)\r\nX: y", "a@b.example", ("c@example.org",))
    token = stamps.loop_token(OURS, "inbound")
    line = stamps.received(envelope, hostname=OURS, token=token, queue_id="Q", protocol="ESMTPS")
    assert line.count(b"\r\n") == 3 and b"[IPv6:2001:db8::1]" in line and b"evil???X:?y" in line
    raw = line + BODY
    assert headers.count_received(raw) == 1 and headers.has_token(raw, token)
    assert not headers.has_token(raw, stamps.loop_token(OURS, "outbound"))
    assert not headers.has_token(b"Subject: " + token.encode() + b"\r\n" + BODY, token)


def test_authentication_results() -> None:
    results = AuthenticationResults("pass", "b.example", "pass", ("b.example",), "pass", "reject")
    line = stamps.authentication_results(results, Envelope(reverse_path="a@b.example"), OURS)
    assert line == (
        b"Authentication-Results: mx.example.org;\r\n\tspf=pass smtp.mailfrom=a@b.example;\r\n"
        b"\tdkim=pass header.d=b.example;\r\n\tdmarc=pass policy.published-domain-policy=reject\r\n"
    )
    assert stamps.authentication_results(AuthenticationResults(), Envelope(), OURS).endswith(b";\r\n\tnone\r\n")
    named = stamps.authentication_results(AuthenticationResults(iprev="fail"), Envelope("192.0.2.7"), OURS)
    assert named.endswith(b"\tiprev=fail policy.iprev=192.0.2.7\r\n")


def test_verdict_shows_no_score() -> None:
    assert stamps.verdict(Disposition.TAG, "seg-mail/3", "Q1") == b"X-SEG-Verdict: tag; model=seg-mail/3; trace=Q1\r\n"


def test_message_id_hash() -> None:
    assert len(headers.message_id_hash(b"Message-ID: <a@b>\r\n" + BODY)) == 16
    assert headers.message_id_hash(BODY) == ""
