"""The whole evaluation in one call: figures for DVC and MLflow, a table for the README, pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from seg_ml.corpora.card import made_corpora
from seg_ml.evaluation import plot_data, plots
from seg_ml.evaluation.by_slice import calibration_markdown, ece_by_slice, promise_figures, promise_markdown
from seg_ml.evaluation.champion import CHAMPION, champion_figures, same_messages
from seg_ml.evaluation.compare import comparison, slice_differences
from seg_ml.evaluation.corpus_probe import probe_figures, probe_markdown
from seg_ml.evaluation.figures import key_of, measured_on, model_figures, out_of_fold_figures, rounded
from seg_ml.evaluation.markdown import comparison_markdown, slices_markdown
from seg_ml.evaluation.scores import checked, of_model, two_sided_corpora
from seg_ml.evaluation.settings import EvaluationSettings, settings_from
from seg_ml.evaluation.slices import slice_table


@dataclass(frozen=True)
class Report:
    """What an evaluation found.

    `figures` is ready for JSON (see `model_figures`; also `test_data`, `models`, `behind_baseline`, `out_of_fold`,
    `promise`, `probe`, `champion`). `markdown` holds the comparison and the slices as tables. `plots` are matplotlib
    figures and `tables` what they show, both by name.
    """

    figures: dict[str, Any]
    markdown: str
    plots: dict[str, Figure]
    tables: dict[str, pd.DataFrame]

    def write(self, directory: Path) -> None:
        """Write `metrics.json`, `report.md`, `plots/*.png` and `plots/*.csv`."""
        plots.save(self.plots, directory / "plots")
        plot_data.write_tables(self.tables, directory / "plots")
        text = json.dumps(self.figures, indent=2, sort_keys=True, allow_nan=False)
        (directory / "metrics.json").write_text(text + "\n", encoding="utf-8")
        (directory / "report.md").write_text(self.markdown, encoding="utf-8")


def evaluate(scores: pd.DataFrame, params: Mapping[str, Any]) -> Report:
    """Evaluate the proposed model beside the others on the test split.

    `params` is the mapping `evaluation:` of `params.yaml`. Rows of a model named `champion` give the figures
    against which the gate holds the proposed one, when its own were measured on other messages; messages of which it
    has no scores are left out of that comparison (see `champion_figures`), and of no other.

    Raises:
        ConfigError: a setting or the table is wrong; the message says which and where.
    """
    settings = settings_from(params)
    everything = checked(scores)
    table = same_messages(everything, settings.model)
    rows = of_model(table, settings.model)
    figures = model_figures(table, settings.model, settings)
    behind = _behind(table, settings)
    learned = _out_of_fold(table, settings.model)
    figures |= {
        "out_of_fold": out_of_fold_figures(learned, settings),
        "promise": promise_figures(learned, rows, settings.promised),
        "probe": probe_figures(table, settings.model, settings.seed),
    }
    if CHAMPION in plot_data.models_of(everything):
        figures[CHAMPION] = champion_figures(everything, settings)
    return Report(
        figures=rounded({**figures, **_around(table, rows, behind, settings)}),
        markdown=_markdown(table, rows, figures, settings),
        plots=_plots(table, rows, figures, settings),
        tables=_tables(table, rows, behind, settings),
    )


def _out_of_fold(table: pd.DataFrame, model: str) -> pd.DataFrame:
    """Rows of messages that are not judged here, each scored by folds that did not learn it; there may be none."""
    return table[(table["model"] == model) & (table["split"] != "test")]


def _behind(table: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    return slice_differences(
        table,
        settings.model,
        settings.baseline,
        settings.rate,
        settings.margin,
        settings.slice_minimum,
        *settings.bootstrap,
    )


def _around(
    table: pd.DataFrame, rows: pd.DataFrame, behind: pd.DataFrame, settings: EvaluationSettings
) -> dict[str, Any]:
    worse = behind[behind["worse"]]
    return {
        "model": settings.model,
        "test_data": measured_on(rows),
        "models": _models(table, settings),
        "made_corpora": sorted(made_corpora(rows["corpus"].unique())),
        "corpora": {corpus: _models(part, settings) for corpus, part in _by_corpus(table, settings.model)},
        "behind_baseline": {
            "slices": len(worse),
            "certain": int(worse["certain"].sum()),
            "names": [
                f"{by}: {value}, {measure}" for by, value, measure in worse[["by", "value", "measure"]].to_numpy()
            ],
        },
    }


def _models(table: pd.DataFrame, settings: EvaluationSettings) -> dict[str, dict[str, float]]:
    compared = comparison(table, settings.rates, settings.bins)
    names = [*map(key_of, settings.rates), "average_precision", "auc", "f1", "ece", "brier"]
    return {str(model): dict(zip(names, map(float, row), strict=True)) for model, row in compared.iterrows()}


def _by_corpus(table: pd.DataFrame, model: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """The scores of each corpus that holds wanted and unwanted mail, where there is more than one corpus."""
    rows = of_model(table, model)
    for corpus in two_sided_corpora(rows) if rows["corpus"].nunique() > 1 else ():
        yield corpus, table[table["corpus"] == corpus]


def _slices(table: pd.DataFrame, figures: Mapping[str, Any], settings: EvaluationSettings) -> pd.DataFrame:
    threshold = figures[key_of(settings.rate)]["threshold"]
    rows = of_model(table, settings.model)
    return slice_table(rows, threshold, settings.slice_minimum, settings.bins, *settings.bootstrap)


def _markdown(table: pd.DataFrame, rows: pd.DataFrame, figures: Mapping[str, Any], settings: EvaluationSettings) -> str:
    compared = comparison(table, settings.rates, settings.bins)
    parts = [comparison_markdown(compared, figures, settings)]
    for corpus, part in _by_corpus(table, settings.model):
        own = model_figures(part, settings.model, settings)
        own_table = comparison_markdown(comparison(part, settings.rates, settings.bins), own, settings)
        parts.append(f"Corpus `{corpus}` alone, with thresholds of its own:\n\n{own_table}")
    parts += [
        slices_markdown(_slices(table, figures, settings)),
        calibration_markdown(ece_by_slice(rows, settings.slice_minimum, settings.bins)),
        promise_markdown(figures["promise"]),
        probe_markdown(figures["probe"]),
    ]
    return "\n".join(filter(None, parts))


def _plots(
    table: pd.DataFrame, rows: pd.DataFrame, figures: Mapping[str, Any], settings: EvaluationSettings
) -> dict[str, Figure]:
    threshold = figures[key_of(settings.rate)]["threshold"]
    return {
        "precision_recall": plots.precision_recall(table, settings.rates),
        "roc": plots.low_rate_roc(table, settings.rates),
        "reliability": plots.reliability_diagram(rows, settings.bins),
        "confusion": plots.confusion_matrix(rows),
        "scores": plots.score_histogram(rows, threshold),
        "slices": plots.slice_forest(_slices(table, figures, settings)),
    }


def _tables(
    table: pd.DataFrame, rows: pd.DataFrame, behind: pd.DataFrame, settings: EvaluationSettings
) -> dict[str, pd.DataFrame]:
    return {
        "curves": plot_data.curve_points(table),
        "reliability": plot_data.reliability_points(table, settings.bins),
        "confusion": plot_data.confusion_points(rows),
        "against_baseline": behind,
    }
