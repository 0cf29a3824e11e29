"""Counted once, learned from often: what a model of a bag says is what the model it becomes says of each message."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from seg_ml.models.bag import Bag
from seg_ml.models.linear import LinearOptions, LinearText, bag_of, fit_linear, fit_linear_of
from seg_ml.testing.mail import synthetic_mail

WORDS = [synthetic_mail(label, n).decode().replace(":", "").split() for n in range(30) for label in ("ham", "spam")]
DOCUMENTS = [[*words, *map(" ".join, pairwise(words)), f"s:{words[-1]}", f"t:{len(words) % 3}"] for words in WORDS]
LABELS = np.array([0, 1] * 30, np.intp)
SOME = np.array([5, 0, 1, 2, 44, 45, *range(8, 40)])
EVERY_OPTIONS = [
    LinearOptions("tfidf", pairs=False),
    LinearOptions("bayes", pairs=True, inverse_regularization=30.0),
    LinearOptions("tfidf", min_messages=1),
    LinearOptions("tfidf", lead=20),
]


def test_counts_of_sorted_tokens() -> None:
    bag = Bag.of([["b", "a", "b"], [], ["é", "a"]])
    assert bag.names.tolist() == ["a", "b", "é"]
    assert bag.counts.toarray().tolist() == [[1, 2, 0], [0, 0, 0], [1, 0, 1]]
    assert bag.frequencies().tolist() == [2, 1, 1]
    assert {bag.counts.indices.dtype, bag.counts.indptr.dtype} == {np.dtype(np.int32)}
    assert Bag.of([["b", "a", "b"], [], ["é", "a"]], min_messages=2).counts.toarray().tolist() == [[1], [0], [1]]


@pytest.mark.parametrize("documents", [[], [[]], [["a"]]])
def test_nothing_to_count(documents: list[list[str]]) -> None:
    assert Bag.of(documents, min_messages=2).counts.shape == (len(documents), 0)


@pytest.mark.parametrize("options", EVERY_OPTIONS, ids=str)
def test_rows_are_those_of_a_message_alone(options: LinearOptions) -> None:
    fitted = fit_linear_of(bag_of(DOCUMENTS, options), SOME, LABELS[SOME], options, seed=1)
    model, every = fitted.model(), np.arange(len(DOCUMENTS))[::-1]
    for got, tokens in zip(fitted.matrix(every), DOCUMENTS[::-1], strict=True):
        columns, values = model.row(tokens)
        assert got.indices.tolist() == columns.tolist()
        np.testing.assert_allclose(got.data, values, rtol=1e-12)
    np.testing.assert_allclose(fitted.logits(every), model.logits(DOCUMENTS[::-1]), atol=1e-12)


@pytest.mark.parametrize("options", EVERY_OPTIONS[:3], ids=str)
def test_as_counted_message_by_message(options: LinearOptions) -> None:
    texts = [[t for t in DOCUMENTS[row] if options.pairs or " " not in t] for row in SOME]
    peer = counted(texts, LABELS[SOME] == 1, options)
    rows = np.zeros((len(texts), len(peer.vocabulary)))
    for row, tokens in zip(rows, texts, strict=True):
        columns, row_values = peer.row(tokens)
        row[columns] = row_values
    regression = LogisticRegression(
        C=options.inverse_regularization, solver="liblinear", max_iter=1_000, random_state=1
    ).fit(rows, LABELS[SOME])
    model = fit_linear_of(bag_of(DOCUMENTS, options), SOME, LABELS[SOME], options, seed=1).model()
    assert list(model.vocabulary.items()) == list(peer.vocabulary.items())
    np.testing.assert_allclose(model.weight, peer.weight, rtol=1e-12)
    np.testing.assert_allclose(model.coef, regression.coef_, atol=1e-9)
    np.testing.assert_allclose(model.intercept, regression.intercept_, atol=1e-9)
    again = fit_linear([DOCUMENTS[row] for row in SOME], LABELS[SOME], options, seed=1)
    np.testing.assert_array_equal(again.coef, model.coef)


def counted(texts: list[list[str]], target: np.ndarray, options: LinearOptions) -> LinearText:
    """Vocabulary and weights with dictionaries alone."""
    sides = [
        Counter(t for text, side in zip(texts, target, strict=True) if side == which for t in set(text))
        for which in (True, False)
    ]
    names = sorted(t for t, count in (sides[0] + sides[1]).items() if count >= options.min_messages)
    inside, outside = (np.array([side[name] for name in names], float) for side in sides)
    if options.weighting == "tfidf":
        weight = np.log((1 + len(texts)) / (1 + inside + outside)) + 1
    else:
        shares = [(side + 0.5) / (side + 0.5).sum() for side in (inside, outside)]
        weight = np.abs(np.log(shares[0] / shares[1]))
    vocabulary = {name: column for column, name in enumerate(names)}
    return LinearText(options, vocabulary, weight, np.zeros((1, len(names))), np.zeros(1))


def test_three_labels() -> None:
    labels, options = np.arange(len(SOME)) % 3, LinearOptions(pairs=False)
    fitted = fit_linear_of(bag_of(DOCUMENTS, options), SOME, labels, options, seed=1)
    assert fitted.logits(SOME[:4]).shape == (4, 3)
    np.testing.assert_allclose(fitted.logits(SOME), fitted.model().logits([DOCUMENTS[row] for row in SOME]), atol=1e-12)


def test_the_lead_is_all_that_is_read(tmp_path: Path) -> None:
    opening = ["dear", "client", "dear client", "s:your", "s:order", "s:your order", "f:shop", "u:tld:example"]
    options = LinearOptions(lead=2, min_messages=1)
    model = fit_linear([opening, ["hello", "all", "hello all", "s:minutes"]] * 4, LABELS[:8], options, seed=1)
    assert set(model.vocabulary) == {"dear", "client", "s:your", "s:order", "hello", "all", "s:minutes"}
    longer = ["dear", "client", "hello", "all", "dear client", "client hello", "hello all", *opening[3:], "h:id:a"]
    model.save(tmp_path, "lead")
    for reader in (model, LinearText.load(tmp_path, "lead")):
        assert np.array_equal(reader.logits([longer]), reader.logits([opening]))
        assert dict(reader.contributions(longer)).keys() == {"dear", "client", "s:your", "s:order"}
        whole = sum(part for _, part in reader.contributions(longer))
        assert np.isclose(whole + reader.intercept[0], reader.logits([longer])[0, 0])


def test_a_model_kept_before_there_was_a_lead_reads_all(tmp_path: Path) -> None:
    fit_linear(DOCUMENTS, LABELS, LinearOptions(pairs=False), seed=1).save(tmp_path, "words")
    kept = tmp_path / "words.json"
    text = kept.read_text(encoding="ascii")
    kept.write_text(text.replace(', "lead": 0', ""), encoding="ascii")
    assert "lead" not in kept.read_text(encoding="ascii").partition("vocabulary")[0]
    assert LinearText.load(tmp_path, "words").options == LinearOptions(pairs=False)
