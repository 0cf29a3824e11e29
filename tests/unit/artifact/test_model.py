"""`MailModel.score`: one verdict a message, whoever stands beside it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.wire import verdict_from_json, verdict_to_json
from seg_ml.testing.mail import synthetic_mail

MAIL = [ScoreRequest(synthetic_mail(label, n, seed=99)) for n in range(12) for label in ("ham", "spam")]


@pytest.fixture(scope="module")
def model(trained_project: Path) -> MailModel:
    return MailModel.load(trained_project / "data" / "artifact", "seg-mail/1")


def test_tells_unseen_mail_apart(model: MailModel) -> None:
    right = [verdict.label == ("ham", "spam")[n % 2] for n, verdict in enumerate(model.score(MAIL))]
    assert sum(right) >= 20


def test_alone_or_among_others(model: MailModel) -> None:
    together = model.score(MAIL)
    alone = [model.score([request])[0] for request in reversed(MAIL)][::-1]
    assert [v.probabilities for v in together] == [v.probabilities for v in alone]


def test_line_ends_do_not_matter(model: MailModel) -> None:
    for request in MAIL[:6]:
        wire = ScoreRequest(request.raw.replace(b"\n", b"\r\n"))
        assert model.score([wire])[0].threat_probability == model.score([request])[0].threat_probability


def test_what_the_recipients_side_wrote_does_not_matter(model: MailModel) -> None:
    added = b"X-Spam-Status: Yes, score=99\nList-Id: <x.example>\nReceived: from a by b\n"
    for request in MAIL[:6]:
        assert (
            model.score([ScoreRequest(added + request.raw)])[0].probabilities == model.score([request])[0].probabilities
        )


def test_a_verdict_explains_itself(model: MailModel) -> None:
    verdict = model.score([MAIL[1]])[0]
    assert verdict.explanation.words
    assert "probability" in verdict.explanation.sentence
    assert verdict.model_version == "seg-mail/1"
    assert verdict_from_json(verdict_to_json(verdict)).probabilities == verdict.probabilities


BAD = {
    "empty": b"",
    "no body": b"From: a@b.example\r\n\r\n",
    "no from": b"Subject: x\r\n\r\nbody",
    "broken mime": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n--X\r\nContent-Type: text/html\r\n\r\n<p",
    "wrong charset": b"From: a@b.example\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe\xfd",
    "large": b"From: a@b.example\r\n\r\n" + b"words and more words\r\n" * 900_000,
    "binary": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_verdict(model: MailModel, name: str) -> None:
    verdict = model.score([ScoreRequest(BAD[name])])[0]
    assert abs(sum(verdict.probabilities.values()) - 1.0) < 1e-9


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes_get_a_verdict(model: MailModel, raw: bytes) -> None:
    assert 0.0 <= model.score([ScoreRequest(raw)])[0].threat_probability <= 1.0
