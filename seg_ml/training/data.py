"""Stages `fetch`, `prepare` and `split`."""

from __future__ import annotations

from seg_ml.corpora.fetch import corpus_files, fetch
from seg_ml.corpora.prepare import prepare
from seg_ml.corpora.split import split
from seg_ml.training import paths
from seg_ml.training.params import Params
from seg_ml.training.progress import console


def fetch_corpora(params: Params) -> None:
    """Fetch the corpora in use that can be fetched; the organization's own are there already."""
    fetch(params["corpora"]["use"], paths.RAW, console)


def prepare_messages(params: Params) -> None:
    """Drop copies, mark campaigns, take away the recipient's side."""
    section = params["prepare"]
    files = corpus_files(params["corpora"]["use"], paths.RAW)
    prepare(files, paths.MESSAGES, section["near_copy"], section["same_campaign"], console=console)


def split_messages(params: Params) -> None:
    """Deal out the messages, campaigns whole."""
    section = params["split"]
    split(paths.MESSAGES, paths.SPLITS, section["test"], section["validation"], section["strategy"], params.seed)
