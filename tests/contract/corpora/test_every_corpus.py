"""What holds for every registered corpus."""

import re

import pytest

from seg_ml.corpora.card import CARDS, load_card
from seg_ml.corpora.catalogue import CORPORA
from seg_ml.domain.verdict import Label

IDS = list(CORPORA)
SECTIONS = ("**Source.**", "**Licence.**", "**Labels.**", "**Known leaks.**", "**Use.**")


def test_all_sources_are_found():
    assert IDS == ["enron", "modern", "own", "phishing-pot", "spamassassin", "trec07p", "usrp"]


@pytest.mark.parametrize("corpus_id", IDS)
def test_card_says_everything(corpus_id):
    card = load_card(corpus_id)
    text = (CARDS / f"{corpus_id}.md").read_text(encoding="utf-8")
    assert card.id == corpus_id
    assert card.title
    assert card.licence
    assert card.labels
    assert [section for section in SECTIONS if section not in text] == []


@pytest.mark.parametrize("corpus_id", [name for name in IDS if name != "own"])
def test_published_corpus_is_pinned(corpus_id):
    card = load_card(corpus_id)
    assert re.fullmatch(r"[0-9a-f]{64}", card.sha256)
    assert card.location
    assert card.messages > 0


@pytest.mark.parametrize("corpus_id", IDS)
def test_source_is_cheap_to_construct_and_knows_its_card(corpus_id):
    (source,) = CORPORA.resolve([corpus_id])
    assert source.id == corpus_id
    assert source.card == load_card(corpus_id)
    assert isinstance(source.origin, str)


def test_every_card_belongs_to_a_corpus():
    assert sorted(path.stem for path in CARDS.glob("*.md")) == IDS


def test_research_only_licences_are_not_shippable():
    for corpus_id in IDS:
        card = load_card(corpus_id)
        if "NC" in card.licence or "research" in card.licence or "none stated" in card.licence:
            assert not card.shippable, corpus_id


def test_own_mail_may_have_every_label():
    assert set(load_card("own").labels.values()) == set(Label)
