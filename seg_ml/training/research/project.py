"""Where a notebook finds the project that it is about, and how much of its mail it takes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from seg_ml.artifact.model import MailModel
from seg_ml.domain.errors import ConfigError
from seg_ml.models.folds import Indices
from seg_ml.registry.register import alias_version
from seg_ml.registry.resolve import ResolvedModel, resolve
from seg_ml.registry.settings import CHAMPION, MODEL_NAME, registry_settings
from seg_ml.training import paths
from seg_ml.training.development import Development
from seg_ml.training.params import PARAMS


def enter_project() -> Path:
    """Make the project's folder the working directory, and return it.

    It is the one that `SEG_PROJECT` names, else the first one upwards that holds a `params.yaml`.

    Raises:
        ConfigError: there is none.
    """
    named = os.environ.get("SEG_PROJECT")
    here = Path.cwd()
    candidates = [Path(named)] if named else [here, *here.parents]
    for folder in candidates:
        if (folder / PARAMS).is_file():
            os.chdir(folder)
            return folder
    raise ConfigError(f"no {PARAMS} in {named or here}: start in the project's folder, or name it in SEG_PROJECT")


def row_limit(default: int) -> int:
    """At most so many messages: `SEG_NOTEBOOK_ROWS` where it is set and smaller.

    Raises:
        ConfigError: it is no number, or under 40, of which nothing can be learned.
    """
    value = os.environ.get("SEG_NOTEBOOK_ROWS", str(default))
    if not value.isdigit() or int(value) < 40:
        raise ConfigError(f"SEG_NOTEBOOK_ROWS={value!r}: a whole number from 40 is expected")
    return min(default, int(value))


def champion_or_artifact() -> MailModel:
    """The champion of the registry; where there is none, what the pipeline left in `data/artifact`.

    Raises:
        ArtifactMismatch, SchemaMismatch: the model is damaged, or was built for other code than this.
    """
    found = resolved_champion()
    return MailModel.load(found.path, found.model_version if found.version is not None else "")


def resolved_champion() -> ResolvedModel:
    """Where the model of `champion_or_artifact` lies."""
    if not _registry_exists() or alias_version(CHAMPION) is None:
        return resolve(paths.ARTIFACT)
    return resolve(f"models:/{MODEL_NAME}@{CHAMPION}")


def _registry_exists() -> bool:
    """Asking a SQLite file that is not there would make one."""
    uri = registry_settings().uri
    return not uri.startswith("sqlite:///") or Path(uri.removeprefix("sqlite:///")).is_file()


def sampled_rows(data: Development, limit: int, seed: int) -> Indices:
    """Rows of at most `limit` messages that were sent, labels in proportion; the same for the same seed."""
    if limit >= int(data.genuine.sum()):
        return np.flatnonzero(data.genuine)
    generator = np.random.default_rng(seed)
    kept = []
    for label in range(2):
        members = np.flatnonzero((data.target == label) & data.genuine)
        count = max(2, round(limit * len(members) / int(data.genuine.sum())))
        kept.append(generator.permutation(members)[:count])
    return np.sort(np.concatenate(kept))


def subset(data: Development, rows: Indices) -> Development:
    """The development messages of some rows."""
    return Development(data.frame.iloc[rows].reset_index(drop=True), data.labels, data.target[rows])
