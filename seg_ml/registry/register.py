"""Versions of the registered model, and the aliases that point at them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from seg_ml.domain.errors import ConfigError
from seg_ml.registry import flavor
from seg_ml.registry.lineage import Lineage
from seg_ml.registry.runs import ActiveRun
from seg_ml.registry.settings import MODEL_NAME, UNKNOWN, RegistrySettings, connect, unusable


def register(
    artifact_dir: Path,
    run: ActiveRun,
    lineage: Lineage,
    name: str = MODEL_NAME,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
) -> int:
    """Log an artifact directory as the model of a run in progress and register it; returns the new version.

    Raises:
        ConfigError: the directory is no artifact, or holds a pickle.
    """
    flavor.check(artifact_dir)
    info = Model.log(
        artifact_path=None, name="model", flavor=flavor, run_id=run.run_id,
        artifact_dir=artifact_dir, validate_serving_input=False,
    )  # fmt: skip
    client = connect(RegistrySettings(mlflow.get_tracking_uri()))
    ensure_model(client, name)
    version = client.create_model_version(
        name,
        source=f"models:/{info.model_id}",
        run_id=run.run_id,
        tags={**lineage.tags(), **(tags or {})},
        description=description,
        model_id=info.model_id,
    )
    return int(version.version)


def ensure_model(client: mlflow.MlflowClient, name: str) -> None:
    """Make the registered model if it is new."""
    try:
        client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code not in UNKNOWN:
            raise unusable(error) from error
        client.create_registered_model(name, description="Mail: raw message and session facts in, verdict out.")


def set_alias(alias: str, version: int, name: str = MODEL_NAME, settings: RegistrySettings | None = None) -> None:
    """Point an alias at a version, taking it from the one that had it.

    Raises:
        ConfigError: there is no such version.
    """
    try:
        connect(settings).set_registered_model_alias(name, alias, str(version))
    except MlflowException as error:
        if error.error_code not in UNKNOWN:
            raise unusable(error) from error
        raise ConfigError(f"{name} has no version {version}: see `seg-ml models list`") from error


def alias_version(alias: str, name: str = MODEL_NAME, settings: RegistrySettings | None = None) -> int | None:
    """The version that an alias points at, `None` where there is no such alias or model."""
    try:
        return int(connect(settings).get_model_version_by_alias(name, alias).version)
    except MlflowException as error:
        if error.error_code in UNKNOWN:
            return None
        raise unusable(error) from error
