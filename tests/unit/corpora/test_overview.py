import pandas as pd
import pytest
from matplotlib.figure import Figure

from seg_ml.corpora import overview
from seg_ml.corpora.card import Card
from seg_ml.corpora.catalogue import RawMail
from seg_ml.corpora.leaks import SEEN_BY, header_names, leaks, sample
from seg_ml.corpora.store import Record, write_corpus
from seg_ml.domain.verdict import Label


@pytest.fixture
def messages():
    rows = [("one", "ham", 2002, "a"), ("one", "ham", 2002, "a"), ("one", "spam", 2003, "b"), ("two", "ham", None, "c")]
    frame = pd.DataFrame(rows, columns=["corpus", "label", "year", "cluster"])
    frame["sha256"] = list("wxyz")
    for fact in overview.FACTS:
        frame[fact] = None
    return frame.assign(kind=frame["label"], spf=["pass", None, "none", None])


@pytest.fixture
def corpora(tmp_path, mail):
    """A corpus with a filter's mark on its spam, and one of another year."""

    def write(corpus_id, year, **extra):
        items = [
            RawMail(
                mail(f"{n}", Date=f"Mon, 5 Feb {year} 10:00:00 +0000", **(extra if label == "spam" else {})),
                label,
                Label(label),
                f"{label}{n}",
            )
            for label in ("ham", "spam")
            for n in range(12)
        ]
        write_corpus(Card(corpus_id, "", "", "", "", True, 0, {}), "memory", items, tmp_path)

    write("one", 2001, X_Spam_Status="Yes")
    write("two", 2018)
    return overview.fetched_files(tmp_path)


def test_inventory_has_a_row_per_label():
    record = Record("one", 3, {"spam": 1, "ham": 2}, {}, "", "", "", "test", False)
    table = overview.inventory([record])
    assert table[["label", "messages", "shippable"]].values.tolist() == [["ham", 2, False], ["spam", 1, False]]


def test_counts_by_year_leave_unknown_years_out(messages):
    assert overview.by_year(messages)["messages"].tolist() == [2, 1]


def test_cluster_sizes_count_messages(messages):
    table = overview.cluster_sizes(messages).set_index(["label", "size"])
    assert table.loc[("ham", 2)].tolist() == [1, 2]
    assert table["messages"].sum() == len(messages)


def test_known_facts_are_shares(messages):
    shares = overview.known_facts(messages)
    assert shares.loc[("one", "ham"), "spf"] == 0.5
    assert shares.loc[("two", "ham"), "spf"] == 0.0


def test_split_shares_show_every_split(messages):
    splits = pd.DataFrame({"sha256": list("wxyz"), "split": ["train", "test", "train", "train"]})
    table = overview.split_shares(messages, splits)
    assert table.loc[("one", "ham", "ham")].to_dict() == {"train": 1, "validation": 0, "test": 1}


def test_header_names_are_those_of_the_message_alone(mail):
    assert {"from", "subject", "x-a"} <= header_names(mail(X_A="1"))
    assert header_names(b"") == frozenset()


def test_leaks_show_the_mark_and_its_removal(corpora):
    table = leaks(sample(corpora, each=10)).set_index(["left", "right", "seen_by"])["auc"]
    as_fetched, kept, year = SEEN_BY
    assert table["one ham", "one spam", as_fetched] == 1.0
    assert table["one ham", "one spam", kept] < 0.6
    assert table["one ham", "one spam", year] == 0.5
    assert table["one ham", "two ham", year] == 1.0


def test_sample_is_small_and_the_same_each_time(corpora):
    sampled = sample(corpora, each=5)
    assert sampled.groupby("group").size().tolist() == [5, 5, 5, 5]
    assert sampled.equals(sample(corpora, each=5))


def test_every_picture_is_drawn(messages, corpora):
    pictures = [
        overview.plot_by_year(overview.by_year(messages)),
        overview.plot_cluster_sizes(overview.cluster_sizes(messages)),
        overview.plot_known_facts(overview.known_facts(messages)),
        overview.plot_leaks(leaks(sample(corpora, each=6))),
    ]
    for figure in pictures:
        assert isinstance(figure, Figure)
        assert figure.get_suptitle()


def test_every_label_has_a_colour():
    assert set(overview.COLOURS) == set(Label)
