"""Stage `research-data`: every corpus there is, prepared and read once for all experiments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seg_ml.corpora.fetch import corpus_files, fetch
from seg_ml.corpora.prepare import prepare
from seg_ml.corpora.split import split
from seg_ml.models.transformer import HiddenStates, load_backbone, lower_states
from seg_ml.text.subwords import Subwords
from seg_ml.training import paths
from seg_ml.training.backbone import backbone_folder
from seg_ml.training.development import Development, messages_with_split, with_readings
from seg_ml.training.extract import read_copies, read_messages
from seg_ml.training.params import Params
from seg_ml.training.progress import console, progress

FOLDER = Path("data/research")
MESSAGES, SPLITS = FOLDER / "messages.parquet", FOLDER / "splits.parquet"
FEATURES, DISGUISED = FOLDER / "features.parquet", FOLDER / "disguised.parquet"
STATES, OFFSETS = FOLDER / "states.npy", FOLDER / "offsets.npy"


def make_research_data(params: Params) -> None:
    """Write messages, splits, what a model reads of them, and their hidden states."""
    use, section, shares = params["unseen"]["corpora"], params["prepare"], params["split"]
    fetch(use, paths.RAW, console)
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = corpus_files(use, paths.RAW)
    prepare(files, MESSAGES, section["near_copy"], section["same_campaign"], console=console)
    split(MESSAGES, SPLITS, shares["test"], shares["validation"], "cluster", params.seed)
    frame = messages_with_split(MESSAGES, SPLITS)
    read_messages(frame, params).to_parquet(FEATURES, index=False)
    # No word of a corpus that is left out: what disguises its mail must not have been learned from.
    lending = frame[(frame["split"] != "test") & ~frame["corpus"].isin(params["unseen"]["leave_out"])]
    read_copies(frame, lending, params).to_parquet(DISGUISED, index=False)
    _write_states(_messages().frame["text"].to_list(), params)


def _messages() -> Development:
    return Development.of(with_readings(messages_with_split(MESSAGES, SPLITS), FEATURES, DISGUISED))


def _write_states(texts: list[str], params: Params) -> None:
    section = params["transformer"]
    folder = backbone_folder(params)
    subwords = Subwords(folder / "tokenizer.json", section["head"], section["tail"])
    with progress() as report:
        ids = [subwords.ids(text) for text in texts]
        reduced = bool(params["unseen"]["bfloat16"])
        hidden = lower_states(load_backbone(folder), ids, section["upper_layers"], report, bfloat16=reduced)
    np.save(STATES, hidden.flat)
    np.save(OFFSETS, hidden.offsets)


@dataclass(frozen=True)
class Research:
    """Every message and disguised copy with what was read of it, its hidden states, and the columns of the vectors."""

    messages: Development
    hidden: HiddenStates
    names: tuple[str, ...]

    @classmethod
    def load(cls, names: tuple[str, ...]) -> Research:
        """Read what the stage wrote; `names` are the columns of the vectors."""
        hidden = HiddenStates(np.load(STATES, mmap_mode="r"), np.load(OFFSETS))
        return cls(_messages(), hidden, names)
