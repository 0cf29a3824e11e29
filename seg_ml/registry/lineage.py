"""What a run came from: the commit, whether the tree was clean, and the hashes of DVC's lock and the data."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from seg_ml.domain.digest import file_sha256

UNKNOWN = "unknown"
# A pipeline writes these while it runs; they make no other code of it.
_WRITTEN_BY_DVC = (":!dvc.lock", ":!data/evaluation", ":!data/prepared")


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a model comes from. Hashes are SHA-256 in hex, `unknown` where there is nothing to hash."""

    git_commit: str = UNKNOWN
    git_dirty: bool = False
    dvc_lock_sha256: str = UNKNOWN
    data_sha256: str = UNKNOWN

    def tags(self) -> dict[str, str]:
        """As tags of a run or a model version."""
        return {
            "git_commit": self.git_commit,
            "git_dirty": str(self.git_dirty).lower(),
            "dvc_lock_sha256": self.dvc_lock_sha256,
            "data_sha256": self.data_sha256,
        }


def lineage(root: Path, data: Path | None = None) -> Lineage:
    """Look at the working tree in `root` and at the file that the model learned from."""
    commit = _git(root, "rev-parse", "HEAD")
    return Lineage(
        git_commit=commit or UNKNOWN,
        git_dirty=bool(_git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", *_WRITTEN_BY_DVC)),
        dvc_lock_sha256=_hash(root / "dvc.lock"),
        data_sha256=_hash(data) if data else UNKNOWN,
    )


def _hash(path: Path) -> str:
    """Hash of a file, `unknown` where there is none."""
    return file_sha256(path) if path.is_file() else UNKNOWN


def _git(root: Path, *arguments: str) -> str:
    """Output of git, empty where there is no git or no repository: a wheel has neither."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
