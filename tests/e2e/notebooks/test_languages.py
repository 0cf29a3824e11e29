"""What the notebook on languages shows."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from seg_ml.artifact.model import MailModel
from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.evaluation.translations import agreement, changed
from seg_ml.testing.backbone import tiny_backbone, tiny_multilingual
from seg_ml.training.development import development
from seg_ml.training.params import Params
from seg_ml.training.research import backbones
from seg_ml.training.research.backbones import backbones_at_hand, compare_backbones
from seg_ml.training.research.languages import (
    letter_scores,
    letters_in_all_languages,
    part_scores,
    plot_changed,
    plot_letter_scores,
    plot_subwords,
    scored_translations,
    spread_table,
    subword_counts,
)
from seg_ml.training.research.project import sampled_rows


class Even:
    """A model that calls everything even."""

    def score(self, requests):
        return [SimpleNamespace(threat_probability=0.5) for _ in requests]


def test_every_letter_is_there_in_every_language() -> None:
    letters = letters_in_all_languages(2)
    assert len(letters) == 2 * len(LANGUAGES)
    table = letter_scores(Even(), letters)
    assert list(table.columns) == list(LANGUAGES)
    assert (table == 0.5).all(axis=None)
    assert plot_letter_scores(table).axes[0].get_ylabel()


def test_parts_are_compared_over_translations() -> None:
    even, torn = (pd.DataFrame(dict.fromkeys(LANGUAGES, values)) for values in ([0.2, 0.2], [0.1, 0.9]))
    torn["en"] = [0.7, 0.8]
    table = spread_table({"even": even, "torn": torn})
    assert table.loc["even", "median spread"] == 0
    assert table.loc["torn", "both sides of 0.5"] == 0.5
    assert table.loc["torn", "most suspected"] == "en"


def test_each_backbone_reads_the_same_letters(trained_project: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(trained_project)
    # Real ones leave two gigabytes in this process, and every process that it starts is counted as that large at first.
    monkeypatch.setattr(backbones, "_PACKAGED", {})
    params, data = Params.load(), development()
    tiny_multilingual(tmp_path / "other", data.frame["text"].to_list()[:60])
    folders = {**backbones_at_hand(params), "other": tmp_path / "other"}
    rows = sampled_rows(data, 60, params.seed)
    facts, scores = compare_backbones(folders, data, rows, letters_in_all_languages(2), params)
    assert list(facts.index) == list(folders) == list(scores)
    assert facts["AUC"].between(0, 1).all()
    assert all(table.shape == (2, len(LANGUAGES)) and table.notna().all(axis=None) for table in scores.values())
    model = MailModel.load(trained_project / "data" / "artifact")
    parts = part_scores(model, letters_in_all_languages(1))
    assert set(parts) == {"words", "transformer", "all together"}


def test_a_tokenizer_of_english_cuts_other_languages_finer(tmp_path: Path) -> None:
    letters = letters_in_all_languages(2)
    english = [item.raw.decode() for item in letters.loc[letters["language"] == "en", "request"]]
    tiny_backbone(tmp_path / "backbone", english)
    table = subword_counts(tmp_path / "backbone" / "tokenizer.json", letters)
    ratios = table.groupby("language")["ratio"].median()
    assert ratios["en"] < ratios["de"]
    assert (table["subwords"] >= table["words"]).mean() > 0.9
    assert plot_subwords(table).axes[0].get_xlabel()


def test_a_model_that_sees_no_words_changes_no_verdict() -> None:
    scored = scored_translations(Even(), 2)
    assert agreement(scored, 0.5)["all agree"].eq(1.0).all()
    table = changed(scored, 0.5)
    assert (table == 0).all(axis=None)
    assert len(plot_changed(table).axes[0].get_xticklabels()) == len(LANGUAGES) - 1
