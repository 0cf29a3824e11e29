"""Every notebook is a story that runs from top to bottom, paired with its script and committed without output."""

import os
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
SCRIPTS = sorted(NOTEBOOKS.glob("*.py"))
WANTED = (
    "01_quickstart",
    "02_corpora",
    "03_signatures",
    "04_baseline",
    "05_transformer",
    "06_evaluation",
    "08_shortcuts",
    "09_identity",
    "10_leave_one_corpus_out",
    "11_robustness",
    "12_calibration_and_cost",
    "13_multilingual",
    "14_your_own_mail",
)


def cells(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source.strip()) for cell in notebook.cells]


def test_they_are_all_there() -> None:
    assert {*WANTED, "07_promote_and_serve"} <= {script.stem for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])
def test_paired_without_output_or_logic(script: Path) -> None:
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    assert cells(notebook) == cells(jupytext.read(script))
    for cell in notebook.cells:
        assert not cell.get("outputs")
        lines = cell.source.splitlines() if cell.cell_type == "code" else []
        assert not any(line.lstrip().startswith(("def ", "class ")) for line in lines)


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])
def test_runs_top_to_bottom(script: Path, trained_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{trained_project / 'var/mlflow/mlflow.db'}")
    monkeypatch.setenv("SEG_PROJECT", str(trained_project))
    monkeypatch.setenv("SEG_NOTEBOOK_ROWS", "120")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    notebook = jupytext.read(script)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    ).execute()
