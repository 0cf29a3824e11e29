"""What the notebooks show, on tables small enough to count by hand."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.models.linear import LinearOptions, fit_linear
from seg_ml.training.research.project import enter_project, row_limit
from seg_ml.training.research.signatures import hit_rates, lift_table, plot_counts, plot_lift, watch_list
from seg_ml.training.research.text import telling_words

CHOSEN = ["link-raw-ip", "fake-reply", "identity-proven"]


@pytest.fixture
def found() -> pd.DataFrame:
    """A hundred messages of each kind: one signature on spam only, one on both alike, one on nothing."""
    rows = []
    for number in range(100):
        both = ["fake-reply"] if number < 10 else []
        rows.append(("ham", number, both))
        rows.append(("spam", 100 + number, [*both, *(["link-raw-ip"] if number < 40 else [])]))
    frame = pd.DataFrame(rows, columns=["label", "cluster", "findings"])
    return frame.assign(corpus="tiny", kind=frame["label"])


def test_rates_and_lift(found: pd.DataFrame) -> None:
    assert hit_rates(found, CHOSEN).loc["link-raw-ip"].to_dict() == {"ham": 0.0, "spam": 0.4}
    table = lift_table(found, CHOSEN, resamples=200)
    assert list(table.index) == ["link-raw-ip", "fake-reply"]
    assert table.loc["fake-reply", "lift"] == pytest.approx(1.0)
    assert table.loc["fake-reply", "low"] < 1.0 < table.loc["fake-reply", "high"]


def test_a_side_that_was_never_hit_leaves_the_lift_open(found: pd.DataFrame) -> None:
    never_wanted = lift_table(found, CHOSEN, resamples=200).loc["link-raw-ip"]
    assert math.isinf(never_wanted["high"])
    # None of a hundred may still be 3.6 %: a lift of some ten is all that is certain.
    assert 5.0 < never_wanted["low"] < 11.0
    swapped = found.assign(label=found["label"].map({"ham": "spam", "spam": "ham"}))
    never_unwanted = lift_table(swapped, CHOSEN, resamples=200).loc["link-raw-ip"]
    assert never_unwanted["low"] == 0.0
    assert 1 / 11.0 < never_unwanted["high"] < 1 / 5.0


def test_watch_list_counts_wanted_mail_only(found: pd.DataFrame) -> None:
    table = watch_list(found, CHOSEN)
    assert list(table.index) == ["fake-reply"]
    assert table.loc["fake-reply", ["hits", "rate", "precision", "mostly"]].tolist() == [10, 0.1, 0.5, "tiny ham"]


def test_pictures_name_their_axes(found: pd.DataFrame) -> None:
    for figure in (plot_lift(lift_table(found, CHOSEN, resamples=50)), plot_counts(found, CHOSEN)):
        assert all(axes.get_xlabel() and axes.get_title() for axes in figure.axes)


def test_telling_words() -> None:
    documents = [["s:win", "the"], ["s:win", "u:shop"], ["agenda", "the"], ["agenda", "notes"]] * 5
    labels = np.array([1, 1, 0, 0] * 5)
    words = telling_words(fit_linear(documents, labels, LinearOptions(pairs=False), seed=7), 1)
    assert list(words.index) == ["subject: win", "agenda"]
    assert words["weight"].iloc[0] > 0 > words["weight"].iloc[1]


def test_the_project_is_found_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEG_PROJECT", raising=False)
    inner = tmp_path / "notebooks"
    inner.mkdir()
    (tmp_path / "params.yaml").touch()
    monkeypatch.chdir(inner)
    assert enter_project() == tmp_path == Path.cwd()
    monkeypatch.setenv("SEG_PROJECT", str(inner))
    with pytest.raises(ConfigError, match=r"params\.yaml"):
        enter_project()


def test_row_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEG_NOTEBOOK_ROWS", raising=False)
    assert row_limit(500) == 500
    monkeypatch.setenv("SEG_NOTEBOOK_ROWS", "120")
    assert (row_limit(500), row_limit(60)) == (120, 60)
    monkeypatch.setenv("SEG_NOTEBOOK_ROWS", "few")
    with pytest.raises(ConfigError, match="SEG_NOTEBOOK_ROWS"):
        row_limit(500)
