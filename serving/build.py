"""Freeze one model version into a Bento: `python -m serving.build [--model models:/seg-mail@champion]`.

The alias is resolved to a version once, here. Model and code travel together in the Bento, so what is
deployed does not change when the alias moves; deploying the new champion is building and starting again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

import bentoml
import typer
from bentoml.exceptions import NotFound

from seg_ml.artifact.manifest import MANIFEST, Manifest
from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import ConfigError, SegError
from seg_ml.registry.resolve import ResolvedModel, resolve

ROOT = Path(__file__).resolve().parents[1]
_CODE = ("seg_ml/domain", "seg_ml/mail", "seg_ml/signatures", "seg_ml/features", "seg_ml/text", "seg_ml/artifact")
_MODEL_CODE = ("bag", "calibration", "cascade", "correction", "encoder", "folds", "fusion", "kinds", "linear", "trees")


@dataclass(frozen=True)
class Built:
    """The Bento's tag and the model version that it serves."""

    bento_tag: str
    model_version: str


def build(reference: str) -> Built:
    """Build a Bento of a registered version or an artifact folder.

    Raises:
        ConfigError: no such model, or one that may not be shipped.
        ArtifactMismatch: the artifact differs from its manifest.
    """
    found = resolve(reference)
    manifest = Manifest.read(found.path)
    if not manifest.shippable and os.environ.get("SEG_RESEARCH") != "1":
        raise ConfigError(
            f"{found.model_version} was trained on mail whose licence allows research only "
            f"({', '.join(manifest.training['corpora'])}); set SEG_RESEARCH=1 to build it for research"
        )
    tag = _store(found)
    with tempfile.TemporaryDirectory(prefix="bento-") as context:
        _context(Path(context), tag, found)
        # Another code with the same model is another Bento, the same code the same one.
        bento_tag = f"seg-mail:{tag.partition(':')[2]}-{_code_digest(Path(context))}"
        if not _built(bento_tag):
            _build(Path(context), tag, bento_tag, found.model_version)
    return Built(bento_tag, found.model_version)


_BUILD = """
import sys, bentoml
version, context, tag, model_version = sys.argv[1:]
bentoml.bentos.build("serving.service:MailService", name="seg-mail", version=version, build_ctx=context,
                     models=[tag], labels={"model_version": model_version.replace("/", "-")})
"""


def _build(context: Path, tag: str, bento_tag: str, model_version: str) -> None:
    """In a process of its own that finds `serving` in the build context and not in this checkout."""
    command = [sys.executable, "-c", _BUILD, bento_tag.partition(":")[2], str(context), tag, model_version]
    done = subprocess.run(command, cwd=context, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigError(f"bentoml could not build {bento_tag}:\n{done.stderr.strip()[-3000:]}")


def _code_digest(context: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in context.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(context)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def _store(found: ResolvedModel) -> str:
    """Copy the artifact into BentoML's model store, once a version."""
    digest = file_sha256(found.path / MANIFEST)
    tag = f"seg-mail:v{found.version or 0}-{digest[:10]}"
    try:
        return str(bentoml.models.get(tag).tag)
    except NotFound:
        labels = {"model_version": found.model_version.replace("/", "-")}
        with bentoml.models.create(tag, labels=labels, metadata={"manifest_sha256": digest}) as model:
            # In a folder of its own: BentoML keeps its own description beside it.
            shutil.copytree(found.path, Path(model.path) / "artifact")
        return tag


def _built(tag: str) -> bool:
    try:
        bentoml.get(tag)
    except NotFound:
        return False
    return True


def _context(folder: Path, tag: str, found: ResolvedModel) -> None:
    """Only the code that scoring runs, the frozen answer to "which model", and its card, which the service shows."""
    shutil.copytree(ROOT / "serving", folder / "serving", ignore=shutil.ignore_patterns("__pycache__", "build.py"))
    for package in _CODE:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "seg_ml" / "models").mkdir()
    for name in ("__init__", *_MODEL_CODE):
        shutil.copyfile(ROOT / "seg_ml" / "models" / f"{name}.py", folder / "seg_ml" / "models" / f"{name}.py")
    shutil.copyfile(ROOT / "seg_ml" / "__init__.py", folder / "seg_ml" / "__init__.py")
    frozen = {"tag": tag, "model_version": found.model_version, "packages": _packages()}
    (folder / "serving" / "model.json").write_text(json.dumps(frozen) + "\n", encoding="utf-8")
    card = found.path / "card.md"
    about = card.read_text(encoding="utf-8") if card.is_file() else "A classifier of mail.\n"
    (folder / "README.md").write_text(f"Model version `{found.model_version}`\n\n{about}", encoding="utf-8")


def _packages() -> list[str]:
    """What the project itself and its extra `serving` name, in the versions of the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["serving"]]
    names = sorted({re.split(r"[^A-Za-z0-9_.-]", requirement)[0] for requirement in wanted})
    pins = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    return [f"{name}=={pins[name]}" for name in names]


def main(
    model: Annotated[str, typer.Option(help="models:/NAME@ALIAS, models:/NAME/VERSION or a folder.")] = (
        "models:/seg-mail@champion"
    ),
) -> None:
    """Build a Bento from a model of the registry. Example: python -m serving.build --model models:/seg-mail/3"""
    try:
        built = build(model)
    except SegError as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo(json.dumps({"bento": built.bento_tag, "model_version": built.model_version}))


if __name__ == "__main__":
    typer.run(main)
