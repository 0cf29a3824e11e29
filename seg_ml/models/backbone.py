"""Where a transformer's pretrained weights come from: a file that a Python package carries, a folder, or a hub id.

Whatever the source, only `model.safetensors`, `config.json` and `tokenizer.json` are read, and the
weights' hash is compared with the one in `params.yaml` before anything is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import ArtifactMismatch, ConfigError

_FILES = ("model.safetensors", "config.json", "tokenizer.json")


@dataclass(frozen=True)
class Backbone:
    """`source`: `package:<distribution>`, `folder:<path>` or `hub:<id>`; `sha256` of its `model.safetensors`."""

    source: str
    sha256: str


def locate(backbone: Backbone) -> Path:
    """The folder that holds the three files, weights verified.

    Raises:
        ConfigError: the source is malformed, not installed or out of reach.
        ArtifactMismatch: the weights are not those that `params.yaml` names.
    """
    scheme, _, name = backbone.source.partition(":")
    finders = {"package": _package, "folder": Path, "hub": _hub}
    if scheme not in finders or not name:
        raise ConfigError(f"transformer.backbone {backbone.source!r}: write package:NAME, folder:PATH or hub:ID")
    folder = finders[scheme](name)
    for file in _FILES:
        if not (folder / file).is_file():
            raise ConfigError(f"transformer.backbone {backbone.source!r} has no {file} in {folder}")
    found = file_sha256(folder / "model.safetensors")
    if found != backbone.sha256:
        raise ArtifactMismatch(f"{folder}/model.safetensors has sha256 {found}, params.yaml says {backbone.sha256}")
    return folder


def _package(name: str) -> Path:
    try:
        listed = files(name) or []
    except PackageNotFoundError as error:
        raise ConfigError(f"package {name} is not installed; run `make setup`") from error
    for file in listed:
        if file.name == "model.safetensors":
            return Path(str(file.locate())).parent
    raise ConfigError(f"package {name} carries no model.safetensors")


def _hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ConfigError(f"hub model {name} is out of reach: {error}; name a package or folder instead") from error
