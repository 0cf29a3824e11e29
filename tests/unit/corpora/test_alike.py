import numpy as np
import pytest

from seg_ml.corpora.alike import Pairs, alike, components
from seg_ml.corpora.shingles import jaccard, shingles, words
from seg_ml.mail.parse import parse

LETTER = "Dear reader, the committee meets on the first floor and would like you to bring the papers of last year. "


def _shingles(mail, body, subject="Meeting"):
    return shingles(parse(mail(subject, body)))


def test_what_a_campaign_varies_is_masked(mail):
    one = mail("Re: Order 17", "Pay 20 EUR at http://a.example/x?y=1 or write to ann@a.example, code A1B2")
    two = mail("Order 18", "Pay 35 EUR at https://b.example/zz or write to bob@b.example, code C3D4")
    assert words(parse(one)) == words(parse(two))
    assert jaccard(shingles(parse(one)), shingles(parse(two))) == 1.0


def test_other_words_are_other_shingles(mail):
    assert jaccard(_shingles(mail, LETTER), _shingles(mail, "Nothing of that kind was ever said here", "Other")) == 0.0


def test_short_text_has_one_shingle_and_none_has_none(mail):
    assert len(_shingles(mail, "", "Hello there")) == 1
    assert len(_shingles(mail, "", "")) == 0
    assert jaccard(_shingles(mail, "", ""), _shingles(mail, "", "")) == 0.0


def test_alike_finds_copies_and_leaves_others(mail):
    texts = [LETTER * 3, LETTER * 3 + "Regards, Ann", "Quite another text about boats and the sea in winter", ""]
    pairs = alike([_shingles(mail, text, "") for text in texts], 0.5)
    assert list(zip(pairs.left, pairs.right, strict=True)) == [(0, 1)]
    assert 0.8 < pairs.similarity[0] < 1.0
    assert len(pairs.at_least(0.999).left) == 0


@pytest.mark.parametrize("sets", [[], [np.empty(0, np.uint64)], [np.array([1, 2], np.uint64)]])
def test_nothing_to_compare_gives_no_pairs(sets):
    assert len(alike(sets, 0.5).left) == 0


def test_components_join_through_others():
    pairs = Pairs(np.array([0, 1]), np.array([1, 3]), np.array([0.6, 0.6]))
    numbers = components(5, pairs)
    assert numbers[0] == numbers[1] == numbers[3]
    assert len(set(numbers)) == 3
