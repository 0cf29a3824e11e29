"""Experiments that are done, kept for the next run: each takes minutes, and what goes into it seldom changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

import seg_ml
from seg_ml.corpora.store import replacing
from seg_ml.domain.digest import file_sha256
from seg_ml.training.params import Params
from seg_ml.training.progress import console
from seg_ml.training.unseen.data import FOLDER
from seg_ml.training.unseen.experiments import Experiment

KEPT = Path("var/unseen")

# Who learns from what is in the experiment itself; how, in the rest of the section `unseen`.
_SECTIONS = ("texts", "linear", "transformer", "signatures", "features", "seed")
_ONLY_CHOOSES = frozenset({"corpora", "leave_out", "since", "learned", "bounds"})
# What is kept is what each part says; how they vote is another matter.
_ONLY_VOTES = frozenset({"vote", "transformer", "linear_floor", "transformer_floor", "vote_alone"})
_CODE = ("models", "training/unseen", "training/cached.py", "training/development.py", "text/tokens.py")


class Kept:
    """Tables of finished experiments in `folder`, by a digest of all that they came from. `basis` is common to all."""

    def __init__(self, basis: str, folder: Path = KEPT) -> None:
        self.basis, self.folder = basis, folder

    def table(self, experiment: Experiment, run: Callable[[Experiment], pd.DataFrame]) -> pd.DataFrame:
        """The table of an experiment: as it is kept, else from `run`, and then kept, all or nothing."""
        path = self.path(experiment)
        if path.is_file():
            console.print(f"  {experiment.name}: as computed before, {path}", highlight=False)
        else:
            found = run(experiment)
            with replacing(path) as temporary:
                found.to_parquet(temporary, index=False)
        # Read again even when fresh: one that was kept must not differ from one that was not.
        return self.read(experiment)

    def read(self, experiment: Experiment) -> pd.DataFrame:
        """The table of an experiment that was kept."""
        return pd.read_parquet(self.path(experiment))

    def path(self, experiment: Experiment) -> Path:
        """Where the table of an experiment is kept."""
        parts = (self.basis, experiment.name, *(_hash_of(rows) for rows in (experiment.train, experiment.test)))
        return self.folder / f"{_digest(parts)}.parquet"


def basis_of(params: Params, data: Path = FOLDER, code: Path | None = None) -> str:
    """Digest of what all experiments have in common: how is learned, the research data and the code that learns."""
    section = {name: value for name, value in params["unseen"].items() if name not in _ONLY_CHOOSES}
    fusion = {name: value for name, value in params["fusion"].items() if name not in _ONLY_VOTES}
    settings = [f"unseen {sorted(section.items())}", f"fusion {sorted(fusion.items())}"]
    settings += [f"{name} {params[name]!r}" for name in _SECTIONS]
    root = code or Path(seg_ml.__file__).parent
    sources = (path for name in _CODE for path in _python_files(root / name))
    return _digest([*settings, *_lines(root, sources), *_lines(data, data.rglob("*"))])


def _python_files(path: Path) -> Iterable[Path]:
    return path.rglob("*.py") if path.is_dir() else [path]


def _lines(root: Path, paths: Iterable[Path]) -> list[str]:
    """Name, size and hash of each file."""
    files = sorted(path for path in paths if path.is_file())
    return [f"{path.relative_to(root)} {path.stat().st_size} {file_sha256(path)}" for path in files]


def _hash_of(rows: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(rows, np.int64).tobytes()).hexdigest()


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
