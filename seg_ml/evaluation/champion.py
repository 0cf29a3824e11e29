"""The reigning champion beside the proposed version, on messages that neither of them learned from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seg_ml.evaluation.figures import measured_on, model_figures
from seg_ml.evaluation.scores import of_model, unwanted
from seg_ml.evaluation.settings import EvaluationSettings

CHAMPION = "champion"
"""Model name under which the reigning champion may stand in the table, scored on the same messages."""


def champion_figures(table: pd.DataFrame, settings: EvaluationSettings) -> dict[str, Any]:
    """What the champion shows on the test split of the proposed version: its own figures and `test_data`.

    Where it has no scores of some messages, for it learned from them or from their campaigns, both models are
    measured on the others: `left_out` and `compared` count messages, and `proposed` are the proposed version's
    slices there. Without wanted or without unwanted mail among these there is nothing to measure, and no `slices`.
    """
    test = of_model(table, settings.model)
    rows = table[(table["model"] == CHAMPION) & (table["split"] == "test")]
    found: dict[str, Any] = {"test_data": measured_on(test)}
    if len(rows) == len(test):
        return model_figures(table, CHAMPION, settings) | found
    found |= _left_out(len(test) - len(rows), rows)
    if unwanted(rows).any() and not unwanted(rows).all():
        both = table[(table["split"] == "test") & table["sha256"].isin(rows["sha256"])]
        found |= model_figures(both, CHAMPION, settings)
        found["proposed"] = {"slices": model_figures(both, settings.model, settings)["slices"]}
    return found


def known_entirely(test: pd.DataFrame) -> dict[str, Any]:
    """The same where the champion learned from all of the test messages or from their campaigns."""
    return {"test_data": measured_on(test), **_left_out(len(test), test.iloc[:0])}


def _left_out(count: int, rows: pd.DataFrame) -> dict[str, Any]:
    threats = int(unwanted(rows).sum())
    return {"left_out": count, "compared": {"wanted": len(rows) - threats, "unwanted": threats}}


def same_messages(table: pd.DataFrame, model: str) -> pd.DataFrame:
    """The table without the champion, where it has no scores of some messages: side by side stand equals only."""
    models = table.loc[table["split"] == "test", "model"]
    whole = (models == CHAMPION).sum() == (models == model).sum()
    return table if whole else table[table["model"] != CHAMPION]
