"""Where a model comes from: commit, data, parameters, counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seg_ml.corpora.store import read_record
from seg_ml.domain.digest import file_sha256
from seg_ml.registry.lineage import lineage
from seg_ml.training import paths
from seg_ml.training.development import Development
from seg_ml.training.params import Params


def training_facts(params: Params, data: Development) -> dict[str, Any]:
    """What the manifest freezes about training."""
    corpora = sorted(data.frame["corpus"].unique())
    records = [read_record(corpus, paths.RAW) for corpus in corpora]
    origin = lineage(Path())
    return {
        "git_commit": f"{origin.git_commit}-dirty" if origin.git_dirty else origin.git_commit,
        "data_sha256": file_sha256(paths.MESSAGES),
        "splits_sha256": file_sha256(paths.SPLITS),
        "messages": len(data.frame),
        "labels": {str(label): int(count) for label, count in data.frame["label"].value_counts().sort_index().items()},
        "corpora": corpora,
        "shippable": all(record is not None and record.shippable for record in records),
        "params": params.data,
    }
