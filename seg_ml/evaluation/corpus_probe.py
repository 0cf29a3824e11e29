"""How well the corpus of wanted mail can be told from what a model makes of it: a figure that the gate bounds.

Corpora differ in what they hold, so a probe over all wanted mail names them from the contents, and that is no fault:
an office is not a mailing list. What a model should not do is to see *mail of one genre* differently because of who
collected it. So corpora are told apart within a genre only (letters of people among letters of people, newsletters
among newsletters), and genres count by their messages.

Two views are probed. The **decision**: log-odds of the model and of its parts, the few numbers in which everything
that moves a verdict has to show; what lies below one in a thousand counts as that, since no threshold reaches it. The
gate bounds this one: at 0.5 wanted mail of every collection is judged alike, towards 1 the model grades mail by its
collection. Some of that is deserved, where one collection holds the harder letters, so the bound is not 0.5. The
**representation**: findings, features and those log-odds, where evaluation kept them. It holds years of difference in
how mail is written and is near 1 as a rule; it is reported, because it says what a model *could* lean on, and bounds
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seg_ml.evaluation.markdown import table_markdown
from seg_ml.evaluation.metrics import Floats
from seg_ml.evaluation.plot_data import models_of
from seg_ml.evaluation.probe import FOLDS, Probe, probe
from seg_ml.evaluation.scores import of_model, threat, unwanted

PARTS = ("baseline", "transformer")
"""Models that the proposed one is made of; their log-odds belong to its decision."""

DECISION, REPRESENTATION = "decision", "representation"
_NOTHING = "no genre holds wanted mail of two corpora"
_LEAST = 1e-3
_MINIMUM = 20  # wanted messages of a corpus within a genre


def probe_figures(scores: pd.DataFrame, model: str, seed: int = 0) -> dict[str, Any]:
    """The probe of `model` on its test split.

    Keys `decision` and, where rows carry it, `representation`, each with `auc` and `shuffled_auc` (means over genres by
    messages), `messages`, and `genres` (fields of `Probe` by genre); both AUCs are `None`, and `reason` says why, where
    no genre has wanted mail of two corpora.
    """
    rows = of_model(scores, model)
    wanted = ~unwanted(rows)
    views = {DECISION: _decision(scores, rows, model)}
    if "representation" in rows and rows["representation"].notna().all():
        kept = np.stack(rows["representation"].to_list()).astype(np.float64)
        views[REPRESENTATION] = np.hstack([kept, views[DECISION]])
    return {name: _within_genres(rows, wanted, matrix, seed) for name, matrix in views.items()}


def _decision(scores: pd.DataFrame, rows: pd.DataFrame, model: str) -> Floats:
    """Log-odds of the model and of its parts, shape (n, models)."""
    known = models_of(scores)
    parts = [of_model(scores, part).set_index("sha256") for part in PARTS if part in known and part != model]
    columns = [threat(rows), *(part["threat"].reindex(rows["sha256"]).to_numpy(float) for part in parts)]
    kept = np.clip(np.column_stack([column for column in columns if not np.isnan(column).any()]), _LEAST, 1 - _LEAST)
    return np.asarray(np.log(kept / (1 - kept)))


def _within_genres(rows: pd.DataFrame, wanted: np.ndarray, matrix: Floats, seed: int) -> dict[str, Any]:
    genre = rows["genre"] if "genre" in rows else pd.Series("all", index=rows.index)
    found: dict[str, Probe] = {}
    for name in sorted(genre[wanted].dropna().unique()):
        members = wanted & (genre == name).to_numpy()
        members &= rows["corpus"].isin(_large(rows[members])).to_numpy()
        part = probe(matrix[members], rows.loc[members, "corpus"], rows.loc[members, "cluster"], seed)
        if not math.isnan(part.auc):
            found[str(name)] = part
    counts = [part.messages for part in found.values()]
    if not found:
        return {"auc": None, "shuffled_auc": None, "messages": 0, "genres": {}, "reason": _NOTHING}
    return {
        "auc": float(np.average([part.auc for part in found.values()], weights=counts)),
        "shuffled_auc": float(np.average([part.shuffled_auc for part in found.values()], weights=counts)),
        "messages": sum(counts),
        "genres": {
            name: {
                "messages": part.messages,
                "corpora": part.groups,
                "auc": part.auc,
                "shuffled_auc": part.shuffled_auc,
            }
            for name, part in found.items()
        },
        "reason": "",
    }


def _large(rows: pd.DataFrame) -> list[str]:
    """Corpora with enough messages and campaigns to tell anything of."""
    counted = rows.groupby("corpus").agg(messages=("sha256", "size"), campaigns=("cluster", "nunique"))
    return list(counted.index[(counted["messages"] >= _MINIMUM) & (counted["campaigns"] >= FOLDS)])


def probe_markdown(figures: Mapping[str, Any]) -> str:
    """A row per view and genre."""
    rows = [
        [view, name, f"{part['messages']:,}", f"{part['auc']:.3f}", f"{part['shuffled_auc']:.3f}"]
        for view, found in figures.items()
        for name, part in (*found["genres"].items(), ("**all**", found))
        if part["auc"] is not None
    ]
    if not rows:
        return f"Whether the corpus shows in the model's view was not measured: {_NOTHING}.\n"
    header = ["seen by the probe", "genre", "wanted messages", "AUC for the corpus", "corpora dealt anew"]
    return f"How well the corpus of wanted mail shows in what the model makes of it:\n\n{table_markdown(header, rows)}"
