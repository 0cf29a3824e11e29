"""What earlier stages left for the fusion to learn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seg_ml.artifact.reading import Reader
from seg_ml.domain.errors import ConfigError
from seg_ml.models.fusion import Inputs
from seg_ml.training import paths
from seg_ml.training.development import Development, learns_text
from seg_ml.training.params import Params


def text_logits(params: Params) -> NDArray[np.float64]:
    """Out-of-fold logits of the text models, shape (development messages, experts), the transformer's last.

    Raises:
        ConfigError: a stage has not run.
    """
    files = (paths.LINEAR / "oof.npz", paths.TRANSFORMER / "oof.npy")
    for path in files:
        if not path.is_file():
            raise ConfigError(f"{path} does not exist: dvc repro transformer linear")
    linear = np.load(files[0])
    return np.hstack([*(linear[name] for name in params["linear"]), np.load(files[1])])


def fusion_inputs(params: Params, data: Development) -> Inputs:
    """All that the fusion reads of the development messages, in their order.

    Raises:
        ConfigError: a stage has not run, or ran on other messages.
    """
    texts = text_logits(params)
    if len(texts) != len(data.target):
        raise ConfigError(
            f"{paths.LINEAR} and {paths.TRANSFORMER} hold logits of {len(texts):,} messages, "
            f"there are {len(data.target):,}: dvc repro transformer linear"
        )
    return Inputs(
        vectors=data.vectors,
        blind=data.blind,
        texts=texts,
        twins=~learns_text(data.frame, params),
        disguised=~data.genuine,
        directions=directions(params),
    )


def directions(params: Params) -> NDArray[np.int8]:
    """Shape (dim,): which way each column of the vectors in use may move the score."""
    return Reader.current(tuple(params["features"]), tuple(params["signatures"])).vectorizer.schema.directions
