"""Messages written whole: what they are filed as, and that mail to judge by is other mail."""

from collections import Counter
from pathlib import Path

from seg_ml.corpora.alike import alike
from seg_ml.corpora.modern.by_hand import by_hand
from seg_ml.corpora.shingles import shingles
from seg_ml.corpora.sources.modern import Modern
from seg_ml.domain.verdict import WANTED
from seg_ml.mail.parse import parse
from seg_ml.training.params import Params

STRANGERS = Path(__file__).parents[3] / "data" / "strangers"


def test_every_message_is_mail_of_a_kind_that_the_card_names():
    labels = Modern().card.labels
    sides = Counter(labels[kind] in WANTED for kind, _, _ in by_hand())
    assert min(sides.values()) > 500
    for _, name, raw in by_hand():
        message = parse(raw)
        assert message.author.domain and message.subject and message.header("date") and message.message_id, name
        assert any(part.content for part in message.parts), name


def test_the_corpus_ends_with_them(tmp_path):
    folder = tmp_path / "business"
    folder.mkdir()
    (folder / "one.eml").write_bytes(b"Subject: x\n\ny\n")
    *_, last = Modern(size=120, download=None, whole=tmp_path).messages()
    assert (last.kind, last.source_path) == ("business", "modern/business/by-hand/one.eml")
    assert last.raw == b"Subject: x\n\ny\n" and last.label in WANTED


def test_no_message_to_judge_by_belongs_to_a_campaign_of_those_to_learn_from():
    """The bound is the one from which `prepare` counts two messages as of one campaign."""
    learned = {name: shingles(parse(raw)) for _, name, raw in by_hand()}
    judged = {path.as_posix(): shingles(parse(path.read_bytes())) for path in sorted(STRANGERS.rglob("*.eml"))}
    assert learned and judged
    names = [*learned, *judged]
    pairs = alike([*learned.values(), *judged.values()], float(Params.load()["prepare"]["same_campaign"]))
    assert not [
        (names[left], names[right])
        for left, right in zip(pairs.left, pairs.right, strict=True)
        if left < len(learned) <= right
    ]
