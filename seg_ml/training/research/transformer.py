"""The transformer under study: subwords, training curves, where messages lie, what int8 changes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seg_ml.corpora.overview import COLOURS
from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.metrics import at_rate
from seg_ml.models.encoder import Encoder
from seg_ml.models.folds import Indices, cluster_folds
from seg_ml.models.transformer import FineTuneOptions, HiddenStates, UpperLayers, fine_tune, load_backbone, predict
from seg_ml.text.subwords import Subwords
from seg_ml.training import paths
from seg_ml.training.development import Development
from seg_ml.training.params import Params
from seg_ml.training.research.canvas import canvas, count_axis, name, panels
from seg_ml.training.research.text import threat_score

Floats = NDArray[np.float64]
_LINES = ("#4477aa", "#aa3377")


def cached_states(count: int, folder: Path = paths.HIDDEN) -> HiddenStates:
    """The hidden states that stage `encode` left, of `count` development messages; read from disk as they are used.

    Raises:
        ConfigError: there are none, or they are of other messages.
    """
    if not (folder / "states.npy").is_file():
        raise ConfigError(f"{folder} holds no hidden states: dvc repro encode")
    offsets = np.load(folder / "offsets.npy")
    if len(offsets) != count + 1:
        raise ConfigError(f"{folder} holds {len(offsets) - 1} messages, not {count}: dvc repro encode")
    return HiddenStates(np.load(folder / "states.npy", mmap_mode="r"), offsets)


def backbone_facts(folder: Path, upper_layers: int) -> pd.Series:
    """What the pretrained encoder is made of, and how much of it learns."""
    backbone = load_backbone(folder)
    config = backbone.config
    everything = sum(parameter.numel() for parameter in backbone.parameters())
    learning = sum(p.numel() for layer in backbone.encoder.layer[-upper_layers:] for p in layer.parameters())
    facts = {
        "layers": config.num_hidden_layers,
        "of them fine-tuned": upper_layers,
        "width": config.hidden_size,
        "heads a layer": config.num_attention_heads,
        "subwords known": config.vocab_size,
        "parameters": everything,
        "parameters that learn": learning,
    }
    return pd.Series({key: f"{value:,}" for key, value in facts.items()}, name="backbone")


def plot_lengths(lengths: NDArray[np.int64], limit: int) -> Figure:
    """How long messages are in subwords, and where they are cut."""
    cut = float(np.mean(lengths > limit))
    figure, axes = canvas(f"{cut:.0%} of the messages are cut", "subwords (logarithmic)", "messages", (7, 3.4))
    edges = np.geomspace(max(1, lengths.min()), lengths.max() + 1, 50)
    axes.hist(lengths, bins=edges.tolist(), color=_LINES[0])
    axes.axvline(limit, color="black", linestyle="--", linewidth=1, label=f"read: the first {limit}")
    count_axis(axes)
    axes.legend(fontsize=8)
    return figure


def halves(data: Development, rows: Indices, seed: int) -> tuple[Indices, Indices]:
    """`rows` in two halves, no campaign in both: one to learn from, one to look at."""
    first, second = next(iter(cluster_folds(data.target[rows], data.clusters[rows], 2, seed)))
    return rows[first], rows[second]


def training_curve(
    folder: Path,
    hidden: HiddenStates,
    data: Development,
    sides: Mapping[str, Indices],
    params: Params,
    epochs: Sequence[int],
) -> tuple[pd.DataFrame, UpperLayers]:
    """Loss and recall on both sides, a run for each number of epochs, and the model of the last run.

    `sides` names the rows learned from first. Each point is a run of its own, for the learning rate's one cycle
    spans all its steps. Columns: epochs, side, loss (mean, nats), recall.
    """
    options, rate = params.options(FineTuneOptions, "transformer"), params["evaluation"]["rate"]
    torch.set_num_threads(options.threads)
    learned = next(iter(sides.values()))
    rows = []
    for count in epochs:
        chosen = replace(options, epochs=count)
        model = fine_tune(folder, hidden, learned, data.target, chosen, params.seed, lambda *_: None)
        for side, members in sides.items():
            logits = predict(model, hidden, members)
            recall = at_rate(data.threat[members], threat_score(logits), rate).recall
            rows.append([count, side, _mean_loss(logits, data.target[members]), recall])
    return pd.DataFrame(rows, columns=["epochs", "side", "loss", "recall"]), model


def _mean_loss(logits: Floats, target: Indices) -> float:
    if logits.shape[1] == 1:
        signed = np.where(target == 1, 1.0, -1.0) * logits[:, 0]
        return float(np.logaddexp(0.0, -signed).mean())
    norm = np.logaddexp.reduce(logits, axis=1)
    return float((norm - logits[np.arange(len(target)), target]).mean())


def plot_training(table: pd.DataFrame, rate: float) -> Figure:
    """Loss and recall over epochs, learned from and held out."""
    figure, axes = panels(2, (10, 3.6))
    for panel, column, title in (
        (axes[0], "loss", "loss"),
        (axes[1], "recall", f"recall at {percent(rate)} false positives"),
    ):
        for (side, rows), colour in zip(table.groupby("side", sort=False), _LINES, strict=False):
            panel.plot(rows["epochs"], rows[column], "o-", color=colour, label=str(side))
        name(panel, title, "epochs (a run each)", "mean cross-entropy, nats" if column == "loss" else "recall")
        panel.set_xticks(sorted(table["epochs"].unique()))
        panel.set_ylim(bottom=0.0)
        panel.legend(fontsize=8)
    axes[1].set_ylim(0.0, 1.02)
    return figure


def tuned_scores(model: UpperLayers, hidden: HiddenStates, rows: Indices) -> Floats:
    """Threat scores (rows,) of fine-tuned layers."""
    return threat_score(predict(model, hidden, rows))


def untrained(folder: Path, upper_layers: int) -> UpperLayers:
    """The same upper layers as they were pretrained; their head knows nothing."""
    backbone = load_backbone(folder)
    return UpperLayers(backbone.encoder.layer[-upper_layers:], backbone.config.hidden_size, 1, 0.0).eval()


def embeddings(model: UpperLayers, hidden: HiddenStates, rows: Indices, batch: int = 64) -> NDArray[np.float32]:
    """Pooled representations (rows, dim)."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(rows), batch):
            parts.append(model(*hidden.batch(rows[start : start + batch]))[0].numpy())
    return np.concatenate(parts)


def plot_maps(maps: Mapping[str, NDArray[np.float32]], labels: pd.Series) -> Figure:
    """Each set of representations on its two main axes, coloured by label."""
    from sklearn.decomposition import PCA

    figure, axes = panels(len(maps), (5 * len(maps), 4.4))
    for panel, (title, points) in zip(axes, maps.items(), strict=True):
        pca = PCA(2, random_state=0).fit(points)
        flat = pca.transform(points)
        for label in labels.unique():
            rows = (labels == label).to_numpy()
            panel.scatter(
                flat[rows, 0],
                flat[rows, 1],
                s=9,
                alpha=0.6,
                color=COLOURS[label],
                label=f"{label} ({int(rows.sum()):,})",
            )
        first, second = pca.explained_variance_ratio_
        name(panel, title, f"first axis ({first:.0%} of the variance)", f"second axis ({second:.0%})")
        panel.legend(fontsize=8)
    return figure


def precisions(texts: Sequence[str], subwords: Subwords, folder: Path = paths.TRANSFORMER) -> pd.DataFrame:
    """Threat score and milliseconds of each text by the fp32 and the int8 graph, one message at a time."""
    columns: dict[str, list[float]] = {}
    for precision in ("fp32", "int8"):
        encoder = Encoder(folder / f"encoder.{precision}.onnx", subwords)
        logits, times = [], []
        for text in texts:
            start = time.perf_counter()
            logits.append(encoder.embed(text)[1])
            times.append((time.perf_counter() - start) * 1000.0)
        columns[precision] = list(threat_score(np.array(logits)))
        columns[f"{precision}_ms"] = times
    return pd.DataFrame(columns)


def precision_costs(table: pd.DataFrame, folder: Path = paths.TRANSFORMER) -> pd.DataFrame:
    """Size and time of each graph; one core, one message at a time."""
    rows = {
        precision: {
            "megabytes": (folder / f"encoder.{precision}.onnx").stat().st_size / 1e6,
            "median, ms": table[f"{precision}_ms"].median(),
            "95th percentile, ms": table[f"{precision}_ms"].quantile(0.95),
        }
        for precision in ("fp32", "int8")
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def plot_parity(table: pd.DataFrame, labels: pd.Series) -> Figure:
    """Left, one precision over the other; right, how far they lie apart."""
    figure, (scatter, histogram) = panels(2, (10, 4.4))
    ends = [table[["fp32", "int8"]].to_numpy().min(), table[["fp32", "int8"]].to_numpy().max()]
    scatter.plot(ends, ends, color="grey", linewidth=0.8, label="the same")
    for label in labels.unique():
        rows = (labels == label).to_numpy()
        scatter.scatter(table["fp32"][rows], table["int8"][rows], s=12, alpha=0.7, color=COLOURS[label], label=label)
    name(scatter, "the same messages in two precisions", "logit in fp32", "logit in int8")
    scatter.legend(fontsize=8)
    histogram.hist(table["int8"] - table["fp32"], bins=40, color=_LINES[0])
    histogram.axvline(0, color="black", linewidth=0.8)
    name(histogram, "what int8 changes", "logit in int8 minus logit in fp32", "messages")
    return figure
