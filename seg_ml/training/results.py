"""Stage `results`: the tables of the README."""

from __future__ import annotations

from pathlib import Path

from seg_ml.evaluation.results import write_results
from seg_ml.training import paths
from seg_ml.training.params import Params


def write_readme(_: Params) -> None:
    """Write the tables of what was measured into `README.md`."""
    write_results(Path("README.md"), paths.EVALUATION)
