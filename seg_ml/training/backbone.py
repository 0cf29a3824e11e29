"""The backbone that `params.yaml` names, and the trimmed one that a run makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from seg_ml.models.backbone import Backbone, locate
from seg_ml.models.trimming import trim
from seg_ml.training import paths
from seg_ml.training.params import Params
from seg_ml.training.progress import console


def backbone_folder(params: Params) -> Path:
    """Where the backbone in use lies, its hash checked."""
    section = params["transformer"]
    return locate(params.options(Backbone, "transformer", {**section, "source": section["backbone"]}))


def make_backbone(params: Params, texts: Iterable[str]) -> Path:
    """The backbone that learns: trimmed to what `texts` need where `transformer.trim_vocabulary` says so."""
    folder = backbone_folder(params)
    if not params["transformer"]["trim_vocabulary"]:
        shutil.rmtree(paths.TRIMMED, ignore_errors=True)
        return folder
    before, after = trim(folder, texts, paths.TRIMMED)
    console.print(f"  {after:,} of {before:,} subwords kept", highlight=False)
    return paths.TRIMMED


def made_backbone(params: Params) -> Path:
    """What `make_backbone` left."""
    return paths.TRIMMED if params["transformer"]["trim_vocabulary"] else backbone_folder(params)
