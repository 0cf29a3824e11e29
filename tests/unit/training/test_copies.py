"""Two models that differ by disguised copies only: what they learn from, and how the difference is shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seg_ml.evaluation.results import results_markdown
from seg_ml.evaluation.robustness import WITH, WITHOUT, write_robustness
from seg_ml.models.fusion import FusionOptions
from seg_ml.training.copies import drawn
from seg_ml.training.development import Development
from seg_ml.training.params import Params
from seg_ml.training.unseen.fitting import Fitting, Reduction

REDUCED = {"folds": 2, "epochs": 1, "copies": 1, "iterations": 120, "messages": None}


def _development() -> Development:
    """Campaigns of one to three messages that were sent; every other message has a disguised copy."""
    rows = []
    for campaign in range(60):
        for member in range(campaign % 3 + 1):
            rows.append((campaign, member, ""))
            if member % 2 == 0:
                rows.append((campaign, member, "more text"))
    frame = pd.DataFrame(rows, columns=["campaign", "member", "disguise"])
    names = frame.astype(str).agg(" ".join, axis=1)
    frame["sha256"] = [hashlib.sha256(name.encode()).hexdigest() for name in names]
    frame["cluster"] = frame["campaign"].map("{:016x}".format)
    frame["label"] = np.where(frame["campaign"] % 2, "spam", "ham")
    return Development.of(frame)


def test_whole_campaigns_are_drawn_with_their_copies() -> None:
    data = _development()
    rows = drawn(data, 40, 7)
    chosen = set(data.clusters[rows])
    assert set(np.flatnonzero(np.isin(data.clusters, list(chosen)))) == set(rows)
    assert 40 <= data.genuine[rows].sum() <= 42, "no campaign more than it takes"
    assert (~data.genuine[rows]).any()
    assert drawn(data, 40, 7).tolist() == rows.tolist() != drawn(data, 40, 8).tolist()


def test_all_are_drawn_where_there_are_no_more() -> None:
    data = _development()
    assert len(drawn(data, 10_000, 7)) == len(data.frame)


def test_what_is_not_reduced_stays_as_it_is() -> None:
    fitting = Fitting.__new__(Fitting)
    fitting.params = Params({"fusion": {"iterations": 250, "copies": 2, "folds": 4, "vote": 0.3}})
    fitting.reduction = Reduction(folds=2, epochs=1, copies=1)
    assert fitting._fusion_options() == FusionOptions(iterations=250, copies=1, folds=2, vote=0.3)
    fitting.reduction = Reduction(**REDUCED)
    assert fitting._fusion_options().iterations == 120


@pytest.fixture(name="written")
def write(tmp_path: Path) -> tuple[dict[str, object], Path]:
    """Figures of ten threats: the attack takes four of them from a model without copies, one from that with them."""
    models = ("fused", "baseline", WITHOUT, WITH)
    wanted = pd.DataFrame({"sha256": [f"{n:064}" for n in range(200)], "split": "test", "label": "ham", "threat": 0.1})
    scores = pd.concat([wanted.assign(model=model) for model in models], ignore_index=True)
    plain = pd.DataFrame({"attack": "none", **dict.fromkeys(models, 0.9)}, index=range(10))
    under = plain.assign(attack="mild")
    under.loc[:3, WITHOUT] = 0.05
    under.loc[:0, WITH] = 0.05
    about = {"messages": 3000, "copies": 1050, "wanted": 200, "reduced": REDUCED}
    table = pd.concat([plain, under], ignore_index=True)
    return write_robustness(table, scores, models[:2], 0.01, tmp_path, copies=about), tmp_path


def test_points_lost_stand_side_by_side_and_say_what_was_reduced(written: tuple[dict[str, object], Path]) -> None:
    figures, folder = written
    text = (folder / "robustness.md").read_text()
    header, row = text.splitlines()[0], text.splitlines()[3]
    assert header.endswith(
        "| points lost | baseline | points lost, without disguised copies | points lost, with them |"
    )
    assert row.startswith("| mild |") and row.endswith("| +0.0 | 100.0 % | +40.0 | +10.0 |")
    assert "1,050 copies" in text and "3,000 messages" in text and "120 iterations" in text
    assert figures["beyond"] == [], "what costs too much is asked of the artifact"
    assert (folder / "plots-robustness" / "copies.png").is_file()


def test_the_readme_has_them_too(written: tuple[dict[str, object], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    _, folder = written
    (folder / "metrics.json").write_text("{}")
    monkeypatch.setattr("seg_ml.evaluation.results._held_out", lambda _: "held out")
    text = results_markdown(folder)
    assert "| mild | 100.0 % | +0.0 | 100.0 % | -40.0 | -10.0 |" in text
    assert "1,050 copies" in text
