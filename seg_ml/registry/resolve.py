"""From a name to files: `models:/seg-mail@champion`, `models:/seg-mail/3`, or a directory as it lies there.

An alias is resolved to a version once; whoever holds the result holds that version, wherever the alias moves.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from seg_ml.domain.errors import ConfigError
from seg_ml.registry.flavor import ARTIFACT
from seg_ml.registry.settings import UNKNOWN, RegistrySettings, connect, unusable

_REFERENCE = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))$")


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model on this machine.

    `path` is the artifact directory that `seg_ml.artifact` loads. `version` is `None`, and `run_id` empty, for a
    directory that comes from no registry.
    """

    path: Path
    name: str
    version: int | None = None
    run_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def model_version(self) -> str:
        """As verdicts carry it: `seg-mail/3`; the directory's name without a registry."""
        return f"{self.name}/{self.version}" if self.version is not None else self.name


def resolve(
    reference: str | Path, cache: Path | None = None, settings: RegistrySettings | None = None
) -> ResolvedModel:
    """Find a model and fetch its files; a version that is in `cache` already is not fetched again.

    `cache` is `var/models` under the working directory by default.

    Raises:
        ConfigError: no such alias, version or directory, or the reference is malformed.
    """
    if not str(reference).startswith("models:/"):
        return _directory(Path(reference))
    found = version_of(str(reference), settings)
    folder = cache or Path.cwd() / "var" / "models"
    # The run tells version 1 of one registry from version 1 of another.
    path = folder / found.name / f"{found.version}-{(found.run_id or 'norun')[:8]}"
    if not path.is_dir():
        _download(found, path)
    return ResolvedModel(path, found.name, int(found.version), found.run_id or "", dict(found.tags))


def version_of(reference: str, settings: RegistrySettings | None = None) -> ModelVersion:
    """The registry's entry for `models:/name@alias` or `models:/name/version`.

    Raises:
        ConfigError: no such alias or version, or the reference is malformed.
    """
    parts = _REFERENCE.match(reference)
    if parts is None:
        raise ConfigError(f"{reference!r} names no model: write models:/seg-mail@champion or models:/seg-mail/3")
    client = connect(settings)
    try:
        if parts["alias"]:
            return client.get_model_version_by_alias(parts["name"], parts["alias"])
        return client.get_model_version(parts["name"], parts["version"])
    except MlflowException as error:
        if error.error_code not in UNKNOWN:
            raise unusable(error) from error
        raise ConfigError(f"{reference} does not exist in {mlflow.get_tracking_uri()}: {_next(parts)}") from error


def _next(parts: re.Match[str]) -> str:
    if parts["alias"] == "champion":
        return "train with `dvc repro`, then `seg-ml promote`"
    if parts["alias"] == "challenger":
        return "`dvc repro` registers one"
    return "see `seg-ml models list`"


def _directory(path: Path) -> ResolvedModel:
    if not (path / "manifest.json").is_file():
        raise ConfigError(f"{path} is no model: it holds no manifest.json; name an artifact's directory or models:/…")
    return ResolvedModel(path.resolve(), path.resolve().name)


def _download(found: ModelVersion, path: Path) -> None:
    """Fetch the artifact directory beside `path` and move it there, so that half a download is never found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".part-") as part:
        uri = f"models:/{found.name}/{found.version}"
        local = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=part)) / ARTIFACT
        if not (local / "manifest.json").is_file():
            raise ConfigError(f"{uri} was not registered by this project: it holds no {ARTIFACT}/manifest.json")
        try:
            local.replace(path)
        except OSError:
            # Another process was faster; what it put there is the same.
            if not path.is_dir():
                shutil.copytree(local, path)
