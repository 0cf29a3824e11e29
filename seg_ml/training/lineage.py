"""Where a model comes from: commit, data, parameters, counts."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from seg_ml.corpora.store import read_record
from seg_ml.domain.digest import file_sha256
from seg_ml.training import paths
from seg_ml.training.development import Development
from seg_ml.training.params import Params


def training_facts(params: Params, data: Development) -> dict[str, Any]:
    """What the manifest freezes about training."""
    corpora = sorted(data.frame["corpus"].unique())
    records = [read_record(corpus, paths.RAW) for corpus in corpora]
    return {
        "git_commit": git_commit(),
        "data_sha256": file_sha256(paths.MESSAGES),
        "splits_sha256": file_sha256(paths.SPLITS),
        "messages": len(data.frame),
        "labels": {str(label): int(count) for label, count in data.frame["label"].value_counts().sort_index().items()},
        "corpora": corpora,
        "shippable": all(record is not None and record.shippable for record in records),
        "params": params.data,
    }


def git_commit() -> str:
    """The commit of this checkout, with `-dirty` where tracked files differ; `unknown` outside of git."""
    head = _git("rev-parse", "HEAD")
    if not head:
        return "unknown"
    return f"{head}-dirty" if _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!dvc.lock") else head


def dvc_lock_sha256() -> str:
    """Hash of `dvc.lock`, empty where there is none."""
    lock = Path("dvc.lock")
    return file_sha256(lock) if lock.is_file() else ""


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
