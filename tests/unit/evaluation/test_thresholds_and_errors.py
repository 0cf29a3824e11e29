import math

import numpy as np
import pandas as pd
import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation import plots
from seg_ml.evaluation.errors import described, largest_errors
from seg_ml.evaluation.metrics import at_rate, at_threshold, threshold_at
from seg_ml.evaluation.scores import of_model, threat, unwanted
from seg_ml.evaluation.thresholds import _thresholds, cheapest, sweep, threshold_table


@pytest.fixture
def rows(scores):
    return of_model(scores, "fused")


def test_thresholds_are_those_of_the_metrics_with_an_interval_around(rows):
    table = threshold_table(rows, [0.05, 0.01], resamples=100).set_index("rate")
    for rate, row in table.iterrows():
        point = at_rate(unwanted(rows), threat(rows), rate)
        assert (row["threshold"], row["recall"]) == (point.threshold, point.recall)
        assert row["false_positives"] <= row["allowed"]
        assert row["threshold_low"] <= row["threshold"] <= row["threshold_high"]
        assert row["missed"] == unwanted(rows).sum() - point.true_positives
    assert list(table.index) == [0.01, 0.05]


def test_weighted_threshold_with_weights_of_one_is_the_plain_one(rows):
    bad, values = unwanted(rows), threat(rows)
    for rate in (0.0, 0.005, 0.1):
        ones = np.ones((1, len(rows)), np.float32)
        assert _thresholds(ones, bad, values, rate)[0] == threshold_at(bad, values, rate)
    assert math.isnan(_thresholds(ones, bad, values, 1.0)[0])


def test_sweep_covers_every_threshold(rows):
    points = sweep(rows)
    assert points["threshold"].is_monotonic_increasing and points["recall"].iloc[0] == 1
    middle = points.iloc[len(points) // 2]
    point = at_threshold(unwanted(rows), threat(rows), middle["threshold"])
    assert (middle["recall"], middle["f1"]) == (point.recall, pytest.approx(point.f1))
    assert len(plots.threshold_sweep(points, {"0.5 %": 0.9}).axes) == 2


def test_cheapest_threshold_follows_the_price(rows):
    lax, _ = cheapest(rows, miss=10, alarm=1)
    strict, _ = cheapest(rows, miss=1, alarm=1000)
    assert lax < 0.5 < strict
    assert cheapest(rows, miss=0, alarm=1)[1] == 0
    assert math.isinf(cheapest(rows, miss=0, alarm=1)[0])


def test_of_calibrated_scores_the_cheapest_threshold_is_the_ratio_of_prices():
    rng = np.random.default_rng(4)
    probabilities = rng.random(40_000)
    labels = np.where(rng.random(40_000) < probabilities, "spam", "ham")
    threshold, price = cheapest(pd.DataFrame({"threat": probabilities, "label": labels}), miss=1, alarm=4)
    assert threshold == pytest.approx(0.8, abs=0.05)
    assert price < 1 * (labels == "spam").mean()


def test_largest_errors_are_the_most_certain_mistakes(rows):
    errors = largest_errors(rows, 0.5, each=3)
    assert list(errors["mistake"]) == ["false alarm"] * 3 + ["miss"] * 3
    alarms, misses = errors["threat"].iloc[:3], errors["threat"].iloc[3:]
    assert alarms.iloc[0] == rows.loc[~unwanted(rows), "threat"].max()
    assert misses.iloc[0] == rows.loc[unwanted(rows), "threat"].min()
    assert largest_errors(rows, math.inf, each=1)["mistake"].tolist() == ["miss"]


def _messages(raw):
    session = {
        name: [None]
        for name in ("spf", "spf_domain", "dkim", "dkim_domains", "dmarc", "dmarc_policy", "iprev", "client_name")
    }
    session |= {name: [None] for name in ("client_ip", "helo", "reverse_path")}
    return pd.DataFrame({"sha256": ["a" * 64], "raw": [raw], **session})


def test_description_shows_counts_and_findings_and_no_word_of_the_mail(rows):
    errors = largest_errors(rows, 0.5, each=1).head(1).assign(sha256="a" * 64)
    raw = (
        b"From: Secret Person <secret@private.example>\r\nList-Id: <talk.private.example>\r\nIn-Reply-To: <x@y>\r\n"
        b"Subject: confidential\r\nContent-Type: text/html\r\n\r\n"
        b'<p>Three little words <a href="http://203.98.7.65/login">here</a> <img src="http://203.98.7.65/i.png"></p>\r\n'
    )
    row = described(errors, _messages(raw), ["link-raw-ip"]).iloc[0]
    assert (row["words"], row["hosts"], row["images"], row["list"], row["reply"]) == (4, 1, 1, True, True)
    assert row["findings"] == "link-raw-ip"
    shown = " ".join(map(str, row))
    assert not any(word in shown for word in ("private", "secret", "Secret", "confidential", "203.98.7.65", "little"))


def test_error_about_a_message_that_is_not_prepared(rows):
    with pytest.raises(ConfigError, match="not among those prepared"):
        described(largest_errors(rows, 0.5, each=1), _messages(b"x"))
