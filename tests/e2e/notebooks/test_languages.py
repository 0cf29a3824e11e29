"""What the notebook on languages shows."""

from pathlib import Path
from types import SimpleNamespace

from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.testing.backbone import tiny_backbone
from seg_ml.training.research.languages import (
    letter_scores,
    letters_in_all_languages,
    plot_letter_scores,
    plot_subwords,
    subword_counts,
)


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


def test_a_tokenizer_of_english_cuts_other_languages_finer(tmp_path: Path) -> None:
    letters = letters_in_all_languages(2)
    english = [item.raw.decode() for item in letters.loc[letters["language"] == "en", "request"]]
    tiny_backbone(tmp_path / "backbone", english)
    table = subword_counts(tmp_path / "backbone" / "tokenizer.json", letters)
    ratios = table.groupby("language")["ratio"].median()
    assert ratios["en"] < ratios["de"]
    assert (table["subwords"] >= table["words"]).mean() > 0.9
    assert plot_subwords(table).axes[0].get_xlabel()
