"""Where MLflow is: a server by URL, or a SQLite file and a folder in the working tree."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

from seg_ml.domain.errors import ConfigError

MODEL_NAME = "seg-mail"
EXPERIMENT = "seg-mail"
CHALLENGER, CHAMPION, PREVIOUS = "challenger", "champion", "previous"

UNKNOWN = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})
"""Error codes with which MLflow says that a model, version or alias does not exist."""


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """A tracking server and registry.

    `uri` is `http(s)://…` of a server, or `sqlite:///path`. `artifacts` is where the files of runs lie when there
    is no server to say so.
    """

    uri: str
    artifacts: str | None = None


def registry_settings(root: Path | None = None) -> RegistrySettings:
    """`MLFLOW_TRACKING_URI` where it is set, else `var/mlflow` under `root` (the working directory by default)."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if uri:
        return RegistrySettings(uri, _beside(uri))
    folder = (root or Path.cwd()).resolve() / "var" / "mlflow"
    return RegistrySettings(f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri())


def connect(settings: RegistrySettings | None = None) -> mlflow.MlflowClient:
    """Point MLflow at its server or file, make the file's folder, and return a client."""
    chosen = settings or registry_settings()
    if chosen.uri.startswith("sqlite:///"):
        Path(chosen.uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(chosen.uri)
    mlflow.set_registry_uri(chosen.uri)
    return mlflow.MlflowClient(chosen.uri, chosen.uri)


def unusable(error: MlflowException) -> ConfigError:
    """An error of MLflow that is about where it is, in words."""
    reason = str(error.message).splitlines()[0][:300]
    return ConfigError(f"registry {mlflow.get_tracking_uri()}: {reason}; check MLFLOW_TRACKING_URI")


def use_experiment(settings: RegistrySettings | None = None, name: str = EXPERIMENT) -> str:
    """Connect, make the experiment if it is new, and return its id.

    Raises:
        ConfigError: the server does not answer.
    """
    chosen = settings or registry_settings()
    client = connect(chosen)
    try:
        found = client.get_experiment_by_name(name)
    except MlflowException as error:
        raise unusable(error) from error
    experiment = found.experiment_id if found else client.create_experiment(name, artifact_location=chosen.artifacts)
    mlflow.set_experiment(experiment_id=experiment)
    return str(experiment)


def _beside(uri: str) -> str | None:
    """Artifacts of a SQLite file lie beside it; a server knows where its own are."""
    if not uri.startswith("sqlite:///"):
        return None
    return (Path(uri.removeprefix("sqlite:///")).resolve().parent / "artifacts").as_uri()
