"""Stage `research-data`: every corpus there is, prepared and read once for all experiments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from seg_ml.corpora.fetch import corpus_files, fetch
from seg_ml.corpora.prepare import prepare
from seg_ml.corpora.split import split
from seg_ml.models.backbone import Backbone, locate
from seg_ml.models.transformer import HiddenStates, load_backbone, lower_states
from seg_ml.text.subwords import Subwords
from seg_ml.training import paths
from seg_ml.training.development import Development, messages_with_split
from seg_ml.training.extract import read_messages
from seg_ml.training.params import Params
from seg_ml.training.progress import console, progress

FOLDER = Path("data/research")
MESSAGES, SPLITS = FOLDER / "messages.parquet", FOLDER / "splits.parquet"
FEATURES, STATES, OFFSETS = FOLDER / "features.parquet", FOLDER / "states.npy", FOLDER / "offsets.npy"


def make_research_data(params: Params) -> None:
    """Write messages, splits, what a model reads of them, and their hidden states."""
    use, section, shares = params["unseen"]["corpora"], params["prepare"], params["split"]
    fetch(use, paths.RAW, console)
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = corpus_files(use, paths.RAW)
    prepare(files, MESSAGES, section["near_copy"], section["same_campaign"], console=console)
    split(MESSAGES, SPLITS, shares["test"], shares["validation"], "cluster", params.seed)
    table = read_messages(messages_with_split(MESSAGES, SPLITS), params)
    table.to_parquet(FEATURES, index=False)
    _write_states(table["text"].to_list(), params)


def _write_states(texts: list[str], params: Params) -> None:
    section = params["transformer"]
    folder = backbone_folder(params)
    subwords = Subwords(folder / "tokenizer.json", section["head"], section["tail"])
    with progress() as report:
        ids = [subwords.ids(text) for text in texts]
        hidden = lower_states(load_backbone(folder), ids, section["upper_layers"], report)
    np.save(STATES, hidden.flat)
    np.save(OFFSETS, hidden.offsets)


def backbone_folder(params: Params) -> Path:
    """Where the backbone in use lies, its hash checked."""
    section = params["transformer"]
    return locate(params.options(Backbone, "transformer", {**section, "source": section["backbone"]}))


@dataclass(frozen=True)
class Research:
    """Every message with what was read of it, its hidden states, and the columns of the vectors."""

    messages: Development
    hidden: HiddenStates
    names: tuple[str, ...]

    @classmethod
    def load(cls, names: tuple[str, ...]) -> Research:
        """Read what the stage wrote; `names` are the columns of the vectors."""
        frame = messages_with_split(MESSAGES, SPLITS).drop(columns="raw")
        frame = frame.merge(pd.read_parquet(FEATURES), on="sha256", validate="1:1")
        hidden = HiddenStates(np.load(STATES, mmap_mode="r"), np.load(OFFSETS))
        return cls(Development.of(frame), hidden, names)
