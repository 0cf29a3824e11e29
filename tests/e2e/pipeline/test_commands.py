"""`seg-ml` as a person uses it: scoring whatever mail lies around, promoting, and help with an example everywhere."""

import io
import json
import mailbox
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from gateway.cli import app as gateway_app
from seg_ml.cli.main import app as seg_app
from seg_ml.testing.mail import synthetic_mail, write_folder


def commands(app: typer.Typer, name: str) -> Iterator[tuple[str, click.Command]]:
    def walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        children = getattr(command, "commands", None)
        if not children:
            yield path, command
            return
        for child, sub in children.items():
            yield from walk(f"{path} {child}", sub)

    yield from walk(name, typer.main.get_command(app))


ALL = [*commands(seg_app, "seg-ml"), *commands(gateway_app, "seg-gateway")]


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_every_command_has_help_and_an_example(name: str, command: click.Command) -> None:
    assert command.help
    assert "Example:" in f"{command.epilog} {command.help}"
    assert name in f"{command.epilog} {command.help}"


def score(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{project / 'var/mlflow/mlflow.db'}"}
    command = ["seg-ml", "score", *arguments, "--workers", "1"]
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(command, env={**environment, **path}, capture_output=True, text=True, timeout=240)


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = tmp_path_factory.mktemp("stored")
    folder = write_folder(base / "folder", "spam", 3, seed=77)
    box = mailbox.mbox(base / "box.mbox")
    for number in range(3):
        box.add(synthetic_mail("spam", number, seed=77))
    box.flush()
    with tarfile.open(base / "mail.tar.xz", "w:xz") as archive:
        for number in range(3):
            raw = synthetic_mail("spam", number, seed=77)
            info = tarfile.TarInfo(f"corpus/spam/{number}.eml")
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    odd = base / "empty.eml"
    odd.write_bytes(b"")
    return {"folder": folder, "mbox": base / "box.mbox", "tar": base / "mail.tar.xz", "empty": odd}


def test_one_line_a_message_from_any_container(trained_project: Path, stored: dict[str, Path]) -> None:
    paths = [str(stored[name]) for name in ("folder", "mbox", "tar", "empty")]
    found = rows(score(trained_project, *paths, "--model", str(trained_project / "data/artifact"), "--jsonl"))
    assert len(found) == 10
    assert set(found[0]) == {"path", "label", "threat_probability", "probabilities", "findings", "model_version"}
    by_container = [[row["threat_probability"] for row in found[start : start + 3]] for start in (0, 3, 6)]
    assert by_container[0] == by_container[2]
    assert by_container[0] == pytest.approx(by_container[1], abs=1e-6)
    assert found[6]["path"] == "corpus/spam/0.eml"


def test_a_model_of_the_registry(trained_project: Path, stored: dict[str, Path]) -> None:
    found = rows(score(trained_project, str(stored["folder"]), "--model", "models:/seg-mail@challenger", "--jsonl"))
    assert {row["model_version"] for row in found} == {"seg-mail/1"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/no/such/mail", "--model", "{artifact}"], "does not exist"),
        (["{mail}", "--model", "models:/seg-mail@nobody"], "nobody"),
        (["{mail}", "--model", "/no/such/model"], "not a model artifact"),
    ],
)
def test_what_is_wrong_is_said(
    trained_project: Path, stored: dict[str, Path], arguments: list[str], words: str
) -> None:
    values = {"artifact": trained_project / "data/artifact", "mail": stored["folder"]}
    done = score(trained_project, *(argument.format(**values) for argument in arguments))
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
