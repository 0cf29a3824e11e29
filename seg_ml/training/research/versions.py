"""The registry laid out for reading: runs, versions, the gate's answer, where a version comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seg_ml.artifact.manifest import Manifest
from seg_ml.registry.promote import Checked
from seg_ml.registry.settings import EXPERIMENT, connect
from seg_ml.registry.versions import VersionInfo
from seg_ml.training.research.canvas import UNWANTED_COLOUR, WANTED_COLOUR, canvas

HEADLINES = {
    "recall_at_0_1_percent.figure": "recall at 0.1 %",
    "recall_at_0_5_percent.figure": "recall at 0.5 %",
    "average_precision.figure": "average precision",
    "ece.figure": "ECE",
    "latency_ms.p95": "p95, ms",
}


def run_table(newest: int = 20) -> pd.DataFrame:
    """The newest runs of the experiment: name, state, when, and headline figures. Index: beginning of the run's id."""
    client = connect()
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        return pd.DataFrame()
    runs = client.search_runs([experiment.experiment_id], order_by=["start_time DESC"], max_results=newest)
    rows = [
        {
            "run": run.info.run_id[:8],
            "name": run.info.run_name,
            "state": run.info.status.lower(),
            "started (UTC)": _when(run.info.start_time),
            **{name: run.data.metrics.get(key) for key, name in HEADLINES.items()},
        }
        for run in runs
    ]
    return pd.DataFrame(rows).set_index("run") if rows else pd.DataFrame()


def version_table(versions: Sequence[VersionInfo]) -> pd.DataFrame:
    """A row per version, the newest first: aliases, headline figures, commit and hash of the data."""
    rows = [
        {
            "version": info.version,
            "aliases": ", ".join(info.aliases),
            "registered (UTC)": _when(info.created),
            **{name: info.metrics.get(key) for key, name in HEADLINES.items()},
            "commit": info.tags.get("git_commit", "")[:8] + ("+" if info.tags.get("git_dirty") == "true" else ""),
            "data": info.tags.get("data_sha256", "")[:8],
        }
        for info in versions
    ]
    return pd.DataFrame(rows).set_index("version") if rows else pd.DataFrame()


def _when(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def plot_versions(versions: Sequence[VersionInfo], bound: float) -> Figure:
    """Recall of each version at two rates with its interval, aliases by its number, and the gate's bound."""
    ordered = sorted(versions, key=lambda info: info.version)
    size = (max(5.0, 1.1 * len(ordered) + 3.0), 4.2)
    figure, axes = canvas("versions in the registry", "version", "recall on the test side (95 %)", size)
    positions = np.arange(len(ordered), dtype=np.float64)
    looks = (("recall_at_0_5_percent", "#4477aa", "at 0.5 % false positives", -0.08),
             ("recall_at_0_1_percent", "#aa3377", "at 0.1 % false positives", 0.08))  # fmt: skip
    for name, colour, label, offset in looks:
        middle, low, high = (
            np.array([info.metrics.get(f"{name}.{part}", np.nan) for info in ordered])
            for part in ("figure", "low", "high")
        )
        around = np.abs(np.vstack([middle - low, high - middle]))
        axes.errorbar(positions + offset, middle, yerr=around, fmt="o", color=colour, capsize=3, label=label)
    axes.axhline(bound, color="black", linestyle="--", linewidth=0.9, label="the gate asks for, at its rate")
    names = ["\n".join([str(info.version), *info.aliases]) for info in ordered]
    axes.set_xticks(positions, names, fontsize=9)
    axes.set_xlim(-0.6, len(ordered) - 0.4)
    figure.legend(*axes.get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=3)
    return figure


def check_table(checks: Sequence[Checked]) -> pd.DataFrame:
    """The gate's questions, each with figure, bound and answer."""
    rows = [[check.name, check.figure, check.bound, "yes" if check.passed else "no", check.detail] for check in checks]
    return pd.DataFrame(rows, columns=["check", "figure", "bound", "passed", "detail"]).set_index("check")


def plot_checks(checks: Sequence[Checked]) -> Figure:
    """How much of what the gate allows each figure uses up: under 100 % passes.

    For a bound from below (recall) it is the share of the allowed misses, for one from above the share of the bound.
    """
    measured = [check for check in checks if check.figure is not None]
    used = np.array([100.0 * _used(check) for check in measured])
    size = (7.5, 0.5 * len(measured) + 1.5)
    figure, axes = canvas("how much of the allowance is used up", "% of what the gate allows", "", size)
    heights = np.arange(len(measured))[::-1]
    colours = [WANTED_COLOUR if check.passed else UNWANTED_COLOUR for check in measured]
    bars = axes.barh(heights, used, color=colours, height=0.55)
    axes.bar_label(bars, fmt="%.0f %%", padding=3, fontsize=8)
    axes.axvline(100, color="black", linestyle="--", linewidth=0.9)
    axes.set_yticks(heights, [check.name for check in measured])
    axes.set_xlim(0, max(120.0, 1.15 * float(used.max(initial=0.0))))
    return figure


def _used(check: Checked) -> float:
    figure = float(check.figure or 0.0)
    if check.detail == "at least":
        return (1.0 - figure) / max(1e-9, 1.0 - check.bound)
    return figure / max(1e-9, check.bound)


def lineage_table(info: VersionInfo, manifest: Manifest) -> pd.Series:
    """Where a version comes from: run, commit, hashes, mail, and the parameters that it froze."""
    training = manifest.training
    facts = {
        "version": f"{info.name}/{info.version}",
        "run": info.run_id,
        "commit": info.tags.get("git_commit", "unknown"),
        "uncommitted changes": info.tags.get("git_dirty", "unknown"),
        "hash of dvc.lock": info.tags.get("dvc_lock_sha256", "unknown"),
        "hash of the mail": info.tags.get("data_sha256", "unknown"),
        "hash of the splits": str(training.get("splits_sha256", "unknown")),
        "corpora": ", ".join(training["corpora"]),
        "may be shipped": "yes" if manifest.shippable else "no: a corpus is for research only, or somebody's own",
        "learned from": ", ".join(f"{count:,} {label}" for label, count in training["labels"].items()),
    }
    return pd.Series(facts, name="lineage")


def inputs_table(info: VersionInfo) -> pd.DataFrame:
    """The data that MLflow noted as inputs of a version's run: what for, name, digest and rows."""
    noted = connect().get_run(info.run_id).inputs
    inputs = noted.dataset_inputs if noted else []
    rows = [
        ["; ".join(tag.value for tag in item.tags), item.dataset.name, item.dataset.digest, item.dataset.source]
        for item in inputs
    ]
    return pd.DataFrame(rows, columns=["for", "name", "digest", "source"]).set_index("for")


def frozen_table(manifest: Manifest) -> pd.DataFrame:
    """The files of an artifact with the hashes that they are checked against before anything is loaded."""
    rows = [[name, digest[:16] + "…"] for name, digest in manifest.files.items()]
    return pd.DataFrame(rows, columns=["file", "sha256"]).set_index("file")
