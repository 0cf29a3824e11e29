import pytest

from seg_ml.corpora.card import load_card, receiving_sites
from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import Label


def test_front_matter_is_read(cards):
    card = load_card("small", cards("small", "small.tar", "ab12", {"good": "ham", "bad": "fraud"}, "false"))
    assert (card.location, card.sha256, card.shippable) == ("small.tar", "ab12", False)
    assert card.labels == {"good": Label.HAM, "bad": Label.FRAUD}


def test_missing_card_says_what_to_write(tmp_path):
    with pytest.raises(CorpusError, match=r"nowhere\.md"):
        load_card("nowhere", tmp_path)


@pytest.mark.parametrize(
    ("labels", "shippable"),
    [({"good": "wanted"}, "true"), ({"good": "ham"}, '"false"'), ({"good": "ham"}, "maybe")],
)
def test_wrong_value_names_the_card(cards, labels, shippable):
    folder = cards("small", "small.tar", "ab12", labels, shippable)
    with pytest.raises(CorpusError, match=r"small\.md: front matter"):
        load_card("small", folder)


@pytest.mark.parametrize(
    "text", ["", "# no front matter\n", "---\nid: x\n", "---\n- a list\n---\n", "---\nid: [\n---\n"]
)
def test_broken_front_matter_names_the_card(tmp_path, text):
    (tmp_path / "broken.md").write_text(text)
    with pytest.raises(CorpusError, match=r"broken\.md"):
        load_card("broken", tmp_path)


def test_receiving_sites_are_none_without_a_card(cards, tmp_path):
    folder = cards("small", "small.tar\nreceives_at: [a.example, b.example]", "ab12", {"good": "ham"})
    assert receiving_sites("small", folder) == {"a.example", "b.example"}
    assert receiving_sites("mine", folder) == frozenset()
