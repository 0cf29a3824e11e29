"""One letter in seven languages: everything but the words stays, and disagreement is counted."""

from collections import defaultdict
from random import Random

import numpy as np
import pandas as pd
import pytest

from seg_ml.corpora.language import language as guessed
from seg_ml.corpora.modern.letters import OPTIONAL, fill, templates
from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.evaluation.translations import (
    COMPANY,
    LEARNED,
    STRANGER,
    UNSEEN,
    _unseen,
    agreement,
    changed,
    reworded,
    translated,
)
from seg_ml.mail.parse import parse


class _Noted(Random):
    """Chance that notes of how many it chose which, and which paragraphs it left out."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.noted: list[tuple[int, int]] = []

    def choice(self, seq):
        place = super().choice(range(len(seq)))
        self.noted.append((len(seq), place))
        return seq[place]

    def random(self) -> float:
        found = super().random()
        self.noted.append((0, found < OPTIONAL))
        return found


def test_of_letters_that_no_model_saw_every_language_takes_the_same_choices() -> None:
    for seed in range(20):
        taken = defaultdict(list)
        for template in _unseen():
            chance = _Noted(seed)
            fill(template, chance, str)
            taken[template.id].append(chance.noted)
        assert all(noted == found[0] for found in taken.values() for noted in found)


@pytest.fixture(scope="module")
def learned() -> pd.DataFrame:
    return translated(18, seed=4)


@pytest.fixture(scope="module")
def unseen() -> pd.DataFrame:
    return translated(18, seed=4, source=UNSEEN)


@pytest.fixture(params=["learned", "unseen"])
def letters(request: pytest.FixtureRequest) -> pd.DataFrame:
    return request.getfixturevalue(request.param)


def test_letters_that_no_model_saw_are_in_every_language_and_in_no_corpus() -> None:
    known = {(template.language, line) for template in templates() for line in template.lines}
    names = {template.id for template in templates()}
    found = _unseen()
    assert {len({t.id for t in found if t.language == language}) for language in LANGUAGES} == {len(found) // 7}
    assert not names & {template.id for template in found}
    prose = [(t.language, line) for t in found for line in t.lines if len(line.split()) > 6]
    assert len(prose) > len(found) and not known & set(prose)


def test_every_letter_is_there_in_every_language_from_both_senders(letters: pd.DataFrame) -> None:
    assert len(letters) == 18 * len(LANGUAGES) * 2
    assert letters.groupby(["letter", "sender"])["language"].nunique().eq(len(LANGUAGES)).all()


def test_sender_links_and_authentication_stay(letters: pd.DataFrame) -> None:
    for _, rows in letters.groupby(["letter", "sender"]):
        requests = rows["request"].to_list()
        assert len({request.authentication for request in requests}) == 1
        assert len({request.envelope for request in requests}) == 1
        assert len({parse(request.raw).author.addr_spec for request in requests}) == 1
        hosts = [
            {link.target.split("/")[2] for link in parse(request.raw).links if "//" in link.target}
            for request in requests
        ]
        linked = [some for some in hosts if some]
        assert all(some & linked[0] for some in linked)


def test_every_header_stays_but_those_of_the_words(letters: pd.DataFrame) -> None:
    own = {"subject", "content-type", "content-transfer-encoding"}
    for _, rows in letters.groupby(["letter", "sender"]):
        parsed = [parse(request.raw) for request in rows["request"]]
        assert len({tuple((h.name, h.raw) for h in m.headers if h.name.lower() not in own) for m in parsed}) == 1
        assert len({tuple(h.name for h in m.headers) for m in parsed}) == 1
        assert len({tuple(part.content_type for part in m.parts) for m in parsed}) == 1
        assert not any(m.defects for m in parsed)


def test_pieces_that_chance_puts_into_a_letter_are_alike(letters: pd.DataFrame) -> None:
    differences = []
    for _, rows in letters.groupby(["letter", "sender"]):
        links = [len(parse(request.raw).links) for request in rows["request"]]
        differences += [abs(count - links[0]) for count in links]
    assert np.mean(differences) < 0.5


def test_the_words_do_not_stay(letters: pd.DataFrame) -> None:
    known = [(guessed(parse(row.request.raw).text), row.language) for row in letters.itertuples()]
    told = [found == meant for found, meant in known if found is not None]
    assert len(told) > len(known) / 2
    assert np.mean(told) > 0.9


def test_the_company_proves_itself_more_often_than_the_stranger(letters: pd.DataFrame) -> None:
    english = letters[letters["language"] == "en"]
    domains = {
        sender: [parse(request.raw).author.domain for request in rows["request"]]
        for sender, rows in english.groupby("sender")
    }
    assert sum(a != b for a, b in zip(domains[COMPANY], domains[STRANGER], strict=True)) >= 9


@pytest.mark.parametrize("source", [LEARNED, UNSEEN])
def test_a_letter_in_other_words_keeps_sender_and_headers(source: str) -> None:
    letters = reworded(14, seed=4, source=source)
    texts = [set(map(_words, rows["request"])) for _, rows in letters.groupby(["letter", "sender"])]
    assert np.mean([len(found) for found in texts]) > 5
    for _, rows in letters.groupby(["letter", "sender"]):
        parsed = [parse(request.raw) for request in rows["request"]]
        assert len({message.author.addr_spec for message in parsed}) == 1
        assert len({tuple(header.name for header in message.headers) for message in parsed}) == 1
        assert {guessed(message.text) for message in parsed} <= {"en", None}


def _words(request: ScoreRequest) -> str:
    return parse(request.raw).text


def scored(flips: int) -> pd.DataFrame:
    rows = [
        {"letter": f"l{n}", "language": language, "sender": sender, "threat": 0.9 if sender == STRANGER else 0.1}
        for n in range(10)
        for language in ("en", "de", "fr")
        for sender in (COMPANY, STRANGER)
    ]
    table = pd.DataFrame(rows)
    german = (
        (table["language"] == "de")
        & (table["sender"] == COMPANY)
        & table["letter"].isin([f"l{n}" for n in range(flips)])
    )
    return table.assign(threat=table["threat"].mask(german, 0.6))


@pytest.mark.parametrize(("flips", "all_agree", "pairs"), [(0, 1.0, 1.0), (2, 0.8, 1 - 2 * 2 / 30), (10, 0.0, 1 / 3)])
def test_a_verdict_that_changes_is_counted(flips: int, all_agree: float, pairs: float) -> None:
    table = agreement(scored(flips), 0.5)
    assert table.loc[COMPANY, "all agree"] == pytest.approx(all_agree)
    assert table.loc[COMPANY, "pairs agree"] == pytest.approx(pairs)
    assert table.loc[STRANGER, "all agree"] == 1.0
    assert table.loc["both", "letters"] == 20
    assert table.loc[COMPANY, "largest spread"] == pytest.approx(0.5 if flips else 0.0)


def test_a_letter_looked_at_in_one_language_is_no_contrary_verdict() -> None:
    table = scored(3)  # 0.1 in two languages, 0.6 in the third, for three of ten letters
    assert agreement(table, 0.5).loc[COMPANY, "contrary"] == pytest.approx(0.3)
    assert agreement(table, 0.5, low=0.2).loc[COMPANY, "contrary"] == pytest.approx(0.3)
    looked_at = agreement(table, 0.5, low=0.05)
    assert looked_at.loc[COMPANY, "contrary"] == 0.0
    assert looked_at.loc[COMPANY, "all agree"] == pytest.approx(0.7)


def test_the_language_that_changes_it_is_named() -> None:
    table = changed(scored(3), 0.5)
    assert table.loc[COMPANY, "de"] == pytest.approx(0.3)
    assert table.loc[COMPANY, "fr"] == 0.0
    assert "en" not in table
