import math

import numpy as np
import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.metrics import at_rate, at_threshold, threshold_at
from seg_ml.evaluation.scores import checked, of_model, paired, predicted, read_scores, size_band, threat, unwanted
from seg_ml.evaluation.slices import slice_table, slices


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s.drop(columns="cluster"), "no column 'cluster'"),
        (lambda s: pd.concat([s, s.head(1)]), "stands twice"),
        (lambda s: s.assign(label="junk"), "unknown label 'junk'"),
        (lambda s: s.assign(threat=1.5), "gave 1.5"),
        (lambda s: s.assign(threat=np.nan), "no probability"),
    ],
)
def test_what_cannot_be_evaluated_says_so(scores, change, says):
    with pytest.raises(ConfigError, match=says):
        checked(change(scores))


def test_scores_are_read_as_they_were_written(scores, tmp_path):
    scores.to_parquet(tmp_path / "scores.parquet")
    assert len(read_scores(tmp_path / "scores.parquet")) == len(scores)
    with pytest.raises(ConfigError, match="dvc repro"):
        read_scores(tmp_path / "none.parquet")


def test_unknown_model_names_those_there_are(scores):
    with pytest.raises(ConfigError, match="baseline, fused"):
        of_model(scores, "other")


def test_models_over_other_messages_are_no_pair(scores):
    drop = scores.index[(scores["model"] == "fused") & (scores["split"] == "test")][0]
    with pytest.raises(ConfigError, match="different messages"):
        paired(scores.drop(index=drop), "fused", "baseline")


def test_bulk_is_wanted_mail():
    assert list(unwanted(pd.DataFrame({"label": ["ham", "bulk", "spam", "fraud"]}))) == [False, False, True, True]


def test_likeliest_label_with_and_without_label_probabilities():
    rows = pd.DataFrame({"threat": [0.7, 0.2], "p_ham": [0.3, 0.8], "p_spam": [0.3, 0.1], "p_phishing": [0.4, 0.1]})
    assert list(predicted(rows)) == ["phishing", "ham"]
    assert list(predicted(rows[["threat"]])) == ["spam", "ham"]


def test_size_bands_include_their_lower_edge():
    bands = size_band(pd.Series([0, 1_999, 2_000, 10_000, 49_999, 50_000]))
    assert list(bands) == ["under 2 kB"] * 2 + ["2 to 10 kB", "10 to 50 kB", "10 to 50 kB", "over 50 kB"]


def test_rate_of_0_5_percent_allows_no_false_positive_among_199_and_one_among_200():
    for ham, allowed in ((199, 0), (200, 1)):
        unwanted_, values = np.r_[np.zeros(ham, bool), True], np.r_[np.linspace(0, 0.9, ham), 1.0]
        assert at_rate(unwanted_, values, 0.005).false_positives == allowed


def test_ties_with_ham_are_not_flagged():
    point = at_rate(np.array([False, True, True]), np.array([0.9, 0.9, 0.95]), 0.005)
    assert (point.recall, point.false_positives) == (0.5, 0)


def test_slices_cover_every_message_once(scores):
    rows = of_model(scores, "fused")
    found = list(slices(rows))
    for by in ("corpus", "kind", "label", "language", "year", "size"):
        assert sum(part.members.astype(int) for part in found if part.by == by).tolist() == [1] * len(rows)
    assert ("language", "unknown") in [(part.by, part.value) for part in found]
    assert "html" not in {part.by for part in found}


def test_slice_figures_are_those_of_its_messages(scores):
    rows = of_model(scores, "fused").assign(html=lambda frame: frame["size"] > 40_000)
    threshold = threshold_at(unwanted(rows), threat(rows), 0.01)
    table = slice_table(rows, threshold, resamples=100).set_index(["by", "value"])
    german = rows[rows["language"] == "de"]
    point = at_threshold(unwanted(german), threat(german), threshold)
    row = table.loc[("language", "de")]
    assert row["recall"] == pytest.approx(point.recall) and row["n"] == len(german)
    assert row["false_positive_rate"] == pytest.approx(point.false_positive_rate)
    assert row["recall_low"] <= row["recall"] <= row["recall_high"]
    assert ("html", "HTML") in table.index and ("html", "plain text") in table.index


def test_slices_of_one_class_have_no_calibration_error_and_no_recall(scores):
    table = slice_table(of_model(scores, "fused"), 0.9, resamples=20).set_index(["by", "value"])
    easy = table.loc[("kind", "easy")]
    assert math.isnan(easy["recall"]) and math.isnan(easy["recall_low"]) and math.isnan(easy["ece"])
    assert easy["false_positive_rate"] >= 0


def test_small_slices_are_flagged_and_shown(scores):
    table = slice_table(of_model(scores, "fused"), 0.9, minimum=100, resamples=20)
    assert set(table.loc[table["small"], "value"]) >= {"unknown"} and (table["small"] == (table["n"] < 100)).all()


def test_messages_without_any_difference_make_no_slices(scores):
    one = of_model(scores, "fused").head(1)
    assert slice_table(one, 0.5).empty
