"""Mail of the corpus is as wide as mail is, on either side: nothing that honest mail also does accuses by itself."""

from dataclasses import replace

import pandas as pd
import pytest

from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.drafts import draft
from seg_ml.corpora.modern.letters import Block, templates
from seg_ml.corpora.modern.lively import longer, louder
from seg_ml.corpora.modern.pages import campaign, with_query
from seg_ml.corpora.modern.post import by_company
from seg_ml.corpora.modern.senders import a_size
from seg_ml.corpora.sources.modern import Modern
from seg_ml.domain.verdict import WANTED
from seg_ml.mail.parse import parse

LONG_LINK, MANY_PICTURES, MANY_PEOPLE, LONG_SUBJECT = 120, 5, 3, 80


@pytest.fixture(scope="module")
def shares():
    """How often something occurs, in hostile (1.0) and in wanted mail (0.0)."""
    rows = []
    for mail in Modern(size=2000, download=None, whole=None).messages():
        message = parse(mail.raw)
        targets = [link.target for link in message.links if link.kind in ("anchor", "text", "area")]
        rows.append(
            {
                "side": float(mail.label not in WANTED),
                "long link": any(len(target) > LONG_LINK for target in targets),
                "many pictures": message.html.remote_images > MANY_PICTURES,
                "many people": len(message.to) + len(message.cc) > MANY_PEOPLE,
                "address to write to": any(target.startswith("mailto:") for target in targets),
                "campaign counted": any("utm_source=" in target for target in targets),
                "long subject": len(message.subject) > LONG_SUBJECT,
            }
        )
    return pd.DataFrame(rows).groupby("side").mean()


@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("long link", 0.1),
        ("many pictures", 0.04),
        ("many people", 0.01),
        ("address to write to", 0.05),
    ],
)
def test_what_honest_mail_does_is_in_either_side(shares, what, least):
    assert (shares[what] > least).all()
    assert shares[what].max() < 3 * shares[what].min()


def test_fields_that_count_campaigns_are_no_proof_of_honesty(shares):
    assert shares.loc[1.0, "campaign counted"] > 0.02
    assert shares.loc[0.0, "campaign counted"] > 0.1


def test_subjects_of_honest_mail_may_be_long(shares):
    assert shares.loc[0.0, "long subject"] > 0.005


def test_links_that_count_clicks_are_short_middling_or_long():
    sizes = {a_size(seeded(str(number))) for number in range(60)}
    assert len(sizes) == 3
    assert all(low < high for low, high in sizes)


def test_fields_go_on_where_a_query_has_begun():
    assert with_query("https://a.example/x", "b=1") == "https://a.example/x?b=1"
    assert with_query("https://a.example/x?c=2", "b=1") == "https://a.example/x?c=2&b=1"
    assert with_query("https://a.example/x", "") == "https://a.example/x"
    assert campaign(seeded("campaign")).startswith("utm_source=")


def test_louder_letters_exclaim_and_keep_their_questions():
    blocks = tuple(Block("p", text) for text in ("It is here.", "Is it?", "Two things:", "")) * 20
    texts = {block.text for block in louder(blocks, seeded("loud"))}
    assert {"It is here!", "It is here.", "Is it?", "Two things:", ""} == texts


def test_a_longer_subject_says_what_a_heading_says():
    blocks = (Block("heading", "Spring is here"), Block("p", "Some words"))
    assert longer("News", blocks, seeded("subject")).startswith("News")
    assert longer("News", blocks, seeded("subject")).endswith("Spring is here")
    assert longer("News", blocks[1:], seeded("subject")) == "News"
    assert len(longer("News " * 50, blocks, seeded("subject"))) <= 160


def test_networks_and_an_address_stand_below_a_letter_that_has_them():
    letter = next(item for item in templates() if item.kind == "newsletter" and item.language == "en")
    found = draft(letter, "breadth/1")
    look = replace(found.written.look, html="card", icons=4, contact=True, pictures=True)
    plain = replace(look, icons=0, contact=False, pictures=False)
    rich, bare = (
        parse(by_company(replace(found, written=replace(found.written, look=chosen)))) for chosen in (look, plain)
    )
    assert len(rich.links) >= len(bare.links) + 2 * 4 + 1
    assert any(link.target.startswith("mailto:") for link in rich.links)
