"""What the artifact and its parts say of a message, for stages that judge with it: one artifact a process."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import WANTED
from seg_ml.training import paths

MODELS = ("fused", "baseline", "transformer")


@lru_cache(maxsize=1)
def artifact() -> MailModel:
    """The artifact of the pipeline, loaded once."""
    return MailModel.load(paths.ARTIFACT)


def threats(request: ScoreRequest) -> tuple[float, ...]:
    """Probability of being unwanted in [0, 1] by each of `MODELS`."""
    parts, wanted = artifact().components(request), _wanted()
    return tuple(1.0 - float(part[wanted].sum()) for part in (parts.fused, parts.linear, parts.transformer))


@lru_cache(maxsize=1)
def _wanted() -> np.ndarray:
    return np.array([label in WANTED for label in artifact().labels])
