"""Why, at length: the verdict is the served one, every part says what it went by."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from seg_ml.artifact.account import account, attribution
from seg_ml.artifact.clearing import clearing
from seg_ml.artifact.explain import OWN
from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import MailModel
from seg_ml.artifact.occlusion import read
from seg_ml.cli.main import app
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.models.correction import Correction
from seg_ml.models.linear import LinearOptions, LinearText
from seg_ml.testing.mail import synthetic_mail
from seg_ml.testing.project import without_cascade

SPAM = ScoreRequest(synthetic_mail("spam", 1, seed=99))


@pytest.fixture(scope="module")
def artifact(trained_project: Path) -> Path:
    return trained_project / "data" / "artifact"


@pytest.fixture(scope="module")
def model(artifact: Path) -> MailModel:
    return MailModel.load(artifact, "seg-mail/1")


@pytest.fixture(scope="module")
def mended(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> MailModel:
    """The same with a correction by which two words of `SPAM` speak for it, and one against."""
    folder = tmp_path_factory.mktemp("mended") / "artifact"
    shutil.copytree(artifact, folder)
    texts = [word for word in MailModel.load(artifact).reader.read(SPAM).tokens if word.isalpha()]
    words = list(dict.fromkeys(texts))[:3]
    own = LinearText(
        LinearOptions(pairs=False),
        {word: column for column, word in enumerate(words)},
        np.ones(3),
        np.array([[-3.0, -2.0, 1.0]]),
        np.zeros(1),
    )
    Correction(own, 2.0).save(folder)
    replace(Manifest.read(artifact), correction=2.0).write(folder)
    return MailModel.load(folder)


def test_the_verdict_is_the_served_one_and_the_transformer_explains_its_own_logit(model: MailModel) -> None:
    told = account(model, SPAM)
    assert told.verdict == model.score([SPAM])[0]
    found = attribution(model, SPAM)
    text = model.reader.read(SPAM).text
    window = read(text, model.subwords)
    assert (
        model.transformer_logit(window)
        == model.transformer_logit(text)
        == model.text_logits(model.reader.read(SPAM))[-1]
    )
    assert found.words and found.sentences
    sentence, effect = found.sentences[0]
    assert sentence in window
    left = model.transformer_logit(window.replace(sentence, "", 1))
    assert effect == pytest.approx(model.transformer_logit(window) - left)


def test_where_the_rest_was_certain_the_transformer_is_not_quoted(model: MailModel) -> None:
    told = account(model, SPAM)
    assert told.settled is model.components(SPAM).settled
    assert bool(told.transformer.words) is not told.settled


def test_words_of_a_correction_are_shown_and_add_up_to_what_it_moved(mended: MailModel, model: MailModel) -> None:
    reading = mended.reader.read(SPAM)
    own = mended.own_contributions(reading)
    assert mended._correction is not None
    assert sum(weight for _, weight in own) == pytest.approx(mended._correction.moved([reading.tokens])[0])
    verdict = mended.score([SPAM])[0]
    shown = [word.removeprefix(OWN) for word, _ in verdict.explanation.words if word.startswith(OWN)]
    assert shown == [word for word, _ in own]
    assert f"by your own mail “{shown[0]}”" in verdict.explanation.sentence
    assert not any(word.startswith(OWN) for word, _ in model.score([SPAM])[0].explanation.words)


def test_words_of_the_transformer_are_among_the_changes(artifact: Path, tmp_path: Path) -> None:
    model = MailModel.load(without_cascade(artifact, tmp_path / "artifact"))
    reading = model.reader.read(SPAM)
    word = next(word for word in reading.text.split() if word.isalpha() and len(word) > 3).casefold()
    limit = model.score([SPAM])[0].threat_probability - 1e-9
    plain, with_word = clearing(model, SPAM, limit), clearing(model, SPAM, limit, told=(word,))
    assert with_word is not None and plain is not None
    assert with_word.probability < limit


def test_the_command_says_it_to_people_and_to_programs(artifact: Path, tmp_path: Path) -> None:
    path = tmp_path / "spam.eml"
    path.write_bytes(SPAM.raw)
    arguments = ["score", str(path), "--model", str(artifact), "--explain", "--workers", "1"]
    row = json.loads(CliRunner().invoke(app, [*arguments, "--jsonl"]).stdout)
    assert row["words"] and row["explanation"]
    assert set(row["transformer"]) == {"read", "words", "sentences"}
    assert {name for name, _, _ in row["evidence"]} == set(row["findings"])
    shown = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"}).stdout
    for part in ("verdict", "words", "transformer", "spam.eml"):
        assert part in shown
    assert ("would have passed" in shown) is bool(row["would_have_passed"])
