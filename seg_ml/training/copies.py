"""What disguised copies are worth under attack: two models that are alike but for them.

The artifact learned from copies, and says nothing of what it would be without. So two smaller models are fitted to the
same campaigns, with the same folds and the same settings: one to the messages as they were sent, one to their
disguised copies too. They judge what the artifact judges.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seg_ml.evaluation.robustness import WITH, WITHOUT
from seg_ml.models.folds import Indices
from seg_ml.models.transformer import HiddenStates, load_backbone, lower_states
from seg_ml.text.subwords import Subwords
from seg_ml.training import paths
from seg_ml.training.backbone import made_backbone
from seg_ml.training.development import Development, development, is_threat, messages_with_split
from seg_ml.training.params import Params
from seg_ml.training.unseen.data import Research
from seg_ml.training.unseen.fitting import Fitting, Reduction

Report = Callable[[str, int, int], None]
_READ = ["corpus", "kind", "label", "cluster", "disguise", "vector", "blind", "tokens", "text"]
_SCORED = ["sha256", "split", "corpus", "kind", "label", "cluster", "language", "year", "size"]


@dataclass(frozen=True)
class Copies:
    """What the two models say: `attacked` (n,) by model, and `scores` of wanted mail of the test split.

    `about` counts what they learned from, and names how they were reduced.
    """

    attacked: dict[str, NDArray[np.float64]]
    scores: pd.DataFrame
    about: dict[str, Any]


def without_and_with(attacked: pd.DataFrame, params: Params, report: Report) -> Copies:
    """Fit both models and let them judge threats, a row each with `vector`, `tokens` and `text`.

    The messages to learn from are drawn by campaign, `robustness.before.learned` of those that were sent; thresholds
    are to be taken from `wanted` messages of the test split.
    """
    section = params["robustness"]["before"]
    reduction = params.options(Reduction, "robustness", section)
    data, wanted = development(), _wanted_of_test(int(section["wanted"]), params.seed)
    rows = drawn(data, int(section["learned"]), params.seed)
    threats = attacked.assign(corpus="", kind="", label="spam", cluster="", disguise="", blind=attacked["vector"])
    parts = [part[_READ] for part in (data.frame.iloc[rows], wanted, threats)]
    mail = pd.concat(parts, ignore_index=True)
    judged = np.arange(len(rows), len(mail))
    hidden = _joined(_cached(rows), _states(mail["text"].iloc[judged].to_list(), params, report))
    names = tuple(json.loads((paths.FEATURES / "schema.json").read_text(encoding="utf-8"))["names"])
    together = Development(mail, data.labels, is_threat(mail).astype(np.intp))
    fitting = Fitting(Research(together, hidden, names), params, reduction)
    every, sent = np.arange(len(rows)), np.flatnonzero(data.genuine[rows])
    said = {
        name: fitting.run(learned, judged, _named(report, name)).judged["fused"]
        for name, learned in ((WITHOUT, sent), (WITH, every))
    }
    count = len(wanted)
    return Copies(
        {name: threat[count:] for name, threat in said.items()},
        pd.concat([wanted[_SCORED].assign(model=name, threat=threat[:count]) for name, threat in said.items()]),
        {"messages": len(sent), "copies": len(every) - len(sent), "wanted": count, "reduced": asdict(reduction)},
    )


def drawn(data: Development, least: int, seed: int) -> Indices:
    """Rows of whole campaigns, as many as hold that many messages that were sent, and their disguised copies."""
    codes, names = pd.factorize(data.clusters)
    order = np.random.default_rng(seed).permutation(len(names))
    sent = np.bincount(codes, weights=data.genuine, minlength=len(names))[order]
    enough = int(np.searchsorted(np.cumsum(sent), least)) + 1
    return np.flatnonzero(np.isin(codes, order[:enough]))


def _wanted_of_test(most: int, seed: int) -> pd.DataFrame:
    frame = messages_with_split().drop(columns="raw")
    frame = frame[(frame["split"] == "test") & ~is_threat(frame)]
    frame = frame.sample(min(most, len(frame)), random_state=seed)
    readings = pd.read_parquet(paths.FEATURES / "features.parquet")
    return frame.merge(readings, on="sha256", validate="1:1").assign(disguise="")


def _cached(rows: Indices) -> HiddenStates:
    """Hidden states that `encode` left of some development messages."""
    flat, offsets = np.load(paths.HIDDEN / "states.npy", mmap_mode="r"), np.load(paths.HIDDEN / "offsets.npy")
    lengths = np.diff(offsets)[rows]
    some = np.concatenate([flat[offsets[row] : offsets[row + 1]] for row in rows])
    return HiddenStates(some, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _states(texts: list[str], params: Params, report: Report) -> HiddenStates:
    section, folder = params["transformer"], made_backbone(params)
    subwords = Subwords(folder / "tokenizer.json", section["head"], section["tail"])
    return lower_states(load_backbone(folder), [subwords.ids(text) for text in texts], section["upper_layers"], report)


def _joined(first: HiddenStates, second: HiddenStates) -> HiddenStates:
    offsets = np.concatenate([first.offsets, first.offsets[-1] + second.offsets[1:]])
    return HiddenStates(np.concatenate([first.flat, second.flat]), offsets)


def _named(report: Report, name: str) -> Report:
    return lambda what, done, total: report(f"{what}, {name}", done, total)
