"""Runs of MLflow: parameters, figures, pictures, the data that went in, and where it all came from."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import pandas as pd
from mlflow.data.pandas_dataset import from_pandas
from mlflow.exceptions import MlflowException

from seg_ml.domain.errors import ConfigError
from seg_ml.registry.flatten import flatten, numbers
from seg_ml.registry.lineage import Lineage
from seg_ml.registry.settings import UNKNOWN, RegistrySettings, connect, unusable, use_experiment

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EVALUATION = "evaluation.json"
"""Artifact that holds every figure of a run, slices included; promotion reads it."""

WITHHELD = frozenset({"raw", "text", "subject", "source_path", "client_ip", "helo", "reverse_path"})
"""Columns that would put mail, or who wrote it, into the tracking server."""


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """A run in progress. `run_id` is MLflow's."""

    run_id: str

    def params(self, params: Mapping[str, Any]) -> None:
        """Log parameters, nested ones with dots: `transformer.epochs`."""
        mlflow.log_params(flatten(params))

    def figures(self, figures: Mapping[str, Any]) -> None:
        """Log an evaluation: single figures as metrics, and all of it, slices too, as `evaluation.json`."""
        headlines = {name: value for name, value in figures.items() if name != "slices" and name != "champion"}
        mlflow.log_metrics(numbers(headlines))
        mlflow.log_text(json.dumps(figures, indent=2, sort_keys=True), EVALUATION)

    def plots(self, plots: Mapping[str, Figure]) -> None:
        """Log pictures as `plots/<name>.png`."""
        for name, figure in plots.items():
            mlflow.log_figure(figure, f"plots/{name}.png")

    def file(self, path: Path, folder: str | None = None) -> None:
        """Log a file as it is."""
        mlflow.log_artifact(str(path), folder)

    def dataset(self, messages: pd.DataFrame, name: str, source: str, context: str) -> None:
        """Log which messages went in: hashes, labels and corpora, no mail and no addresses.

        `context` says what for: `train`, `validation` or `test`.

        Raises:
            ConfigError: a column would carry mail or addresses into the tracking server.
        """
        private = sorted(WITHHELD & set(messages.columns))
        if private:
            raise ConfigError(f"dataset {name!r}: column {private[0]!r} stays out of MLflow; drop it first")
        plain = messages.astype("string")  # the only type of which MLflow never guesses
        with warnings.catch_warnings():
            # A path fits two of MLflow's sources that are one and the same.
            warnings.filterwarnings("ignore", message="The specified dataset source can be interpreted")
            dataset = from_pandas(plain, source=source, name=name)
        mlflow.log_input(dataset, context=context)


@contextmanager
def start_run(
    name: str,
    lineage: Lineage,
    settings: RegistrySettings | None = None,
    tags: Mapping[str, str] | None = None,
    parent: ActiveRun | None = None,
    again: str = "",
) -> Iterator[ActiveRun]:
    """A run of the experiment `seg-mail`, tagged with where it comes from; failed where the block raises.

    It is shown below `parent`, which must be in progress. `again` is the id of a run to go on with, where there is
    one of that id.
    """
    experiment = use_experiment(settings)
    known = again if again and _exists(again, settings) else None
    with mlflow.start_run(
        run_id=known,
        experiment_id=experiment,
        run_name=name,
        tags={**lineage.tags(), **(tags or {})},
        nested=parent is not None,
        parent_run_id=parent.run_id if parent else None,
    ) as run:
        yield ActiveRun(run.info.run_id)


def _exists(run_id: str, settings: RegistrySettings | None) -> bool:
    try:
        connect(settings).get_run(run_id)
    except MlflowException as error:
        if error.error_code not in UNKNOWN:
            raise unusable(error) from error
        return False
    return True
