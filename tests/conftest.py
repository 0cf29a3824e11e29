"""A project that went through the whole pipeline once, shared by every test process."""

from pathlib import Path

import pytest
from filelock import FileLock

from seg_ml.testing.project import make_project, run_stages


@pytest.fixture(scope="session")
def trained_project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A trained, evaluated and registered tiny project; read it, do not change it."""
    base = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    project = base / "trained-project"
    with FileLock(str(base / "trained-project.lock")):
        if not (project / "done").exists():
            run_stages(make_project(project))
            (project / "done").touch()
    return project


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-golden", action="store_true", help="write golden files anew; read the difference")
