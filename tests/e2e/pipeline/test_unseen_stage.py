"""The research stages over two small corpora of both kinds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import yaml

from seg_ml.corpora.add import add
from seg_ml.domain.verdict import Label
from seg_ml.testing.mail import write_folder
from seg_ml.testing.project import run_stages


def test_each_corpus_is_judged_by_a_model_of_the_other(trained_project: Path, tmp_path: Path) -> None:
    shutil.copytree(trained_project / "backbone", tmp_path / "backbone")
    for number, corpus in enumerate(("one", "two")):
        for label in (Label.HAM, Label.SPAM):
            write_folder(tmp_path / "mail" / corpus / label, label.value, 60 + 20 * number)
        add(tmp_path / "mail" / corpus, corpus, None, tmp_path / "data" / "raw")
    params = yaml.safe_load((trained_project / "params.yaml").read_text(encoding="utf-8"))
    params["unseen"] |= {"corpora": ["one", "two"], "leave_out": ["one", "two"], "messages": 40, "folds": 2}
    params["fusion"] |= {"iterations": 10}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    run_stages(tmp_path, "research-data", "unseen")
    figures = json.loads((tmp_path / "data" / "evaluation" / "unseen.json").read_text())
    assert set(figures["experiments"]) >= {"without one", "without two"}
    assert figures["means"]["fused"]["auc"] > 0.7
    scores = pd.read_parquet(tmp_path / "data" / "evaluation" / "unseen.parquet")
    judged = scores[(scores["experiment"] == "without one") & (scores["model"] == "fused")]
    assert set(judged["corpus"]) == {"one"}
    assert "without one" in (tmp_path / "data" / "evaluation" / "unseen.md").read_text()
