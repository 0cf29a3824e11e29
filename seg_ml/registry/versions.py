"""What the registry knows of each version: aliases, figures, lineage."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from seg_ml.domain.errors import ConfigError
from seg_ml.registry.resolve import version_of
from seg_ml.registry.runs import EVALUATION
from seg_ml.registry.settings import MODEL_NAME, UNKNOWN, RegistrySettings, connect, unusable


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version, its run's parameters and metrics, and the aliases that point at it now."""

    name: str
    version: int
    aliases: tuple[str, ...]
    run_id: str
    created: int
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]


def versions(name: str = MODEL_NAME, settings: RegistrySettings | None = None) -> list[VersionInfo]:
    """Every version, the newest first; none where the model was never registered."""
    client = connect(settings)
    aliases = _aliases(client, name)
    found = client.search_model_versions(f"name = '{name}'", max_results=1000)
    return [_info(client, version, aliases) for version in _newest_first(found)]


def version_info(reference: str, name: str = MODEL_NAME, settings: RegistrySettings | None = None) -> VersionInfo:
    """One version, by number, alias or `models:/…`.

    Raises:
        ConfigError: there is no such version.
    """
    found = version_of(full_reference(reference, name), settings)
    client = connect(settings)
    return _info(client, found, _aliases(client, found.name))


def figures_of(info: VersionInfo, settings: RegistrySettings | None = None) -> dict[str, Any]:
    """Every figure of the run that made a version, slices included.

    Raises:
        ConfigError: the run has none.
    """
    connect(settings)
    try:
        text = mlflow.artifacts.load_text(f"runs:/{info.run_id}/{EVALUATION}")
    except (MlflowException, OSError) as error:
        raise ConfigError(f"{info.name}/{info.version} has no {EVALUATION}: evaluate and register it again") from error
    return dict(json.loads(text))


def card_of(info: VersionInfo, settings: RegistrySettings | None = None) -> str:
    """The model card of a version, empty where its artifact has none."""
    connect(settings)
    uri = f"models:/{info.name}/{info.version}"
    listed = mlflow.artifacts.list_artifacts(f"{uri}/artifact")
    names = [Path(item.path).name for item in listed if item.path.lower().endswith(".md")]
    return mlflow.artifacts.load_text(f"{uri}/artifact/{names[0]}") if names else ""


def full_reference(reference: str, name: str = MODEL_NAME) -> str:
    """`3` → `models:/seg-mail/3`, `champion` → `models:/seg-mail@champion`; a full one as it is."""
    if reference.startswith("models:/"):
        return reference
    return f"models:/{name}/{reference}" if reference.isdigit() else f"models:/{name}@{reference}"


def _newest_first(found: Sequence[ModelVersion]) -> list[ModelVersion]:
    return sorted(found, key=lambda version: -int(version.version))


def _aliases(client: MlflowClient, name: str) -> dict[str, list[str]]:
    """Aliases by version; a search for versions leaves them out."""
    by_version: dict[str, list[str]] = {}
    try:
        aliases: Mapping[str, Any] = client.get_registered_model(name).aliases
    except MlflowException as error:
        if error.error_code not in UNKNOWN:
            raise unusable(error) from error
        return by_version
    for alias, version in aliases.items():
        by_version.setdefault(str(version), []).append(alias)
    return by_version


def _info(client: MlflowClient, found: ModelVersion, aliases: Mapping[str, Sequence[str]]) -> VersionInfo:
    data = client.get_run(found.run_id).data if found.run_id else None
    return VersionInfo(
        name=found.name,
        version=int(found.version),
        aliases=tuple(sorted(aliases.get(str(found.version), ()))),
        run_id=found.run_id or "",
        created=int(found.creation_timestamp),
        tags=dict(found.tags),
        params=dict(data.params) if data else {},
        metrics=dict(data.metrics) if data else {},
    )
