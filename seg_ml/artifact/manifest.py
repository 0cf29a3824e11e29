"""What a model artifact is made of: frozen when it is built, compared when it is loaded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seg_ml.domain.digest import file_sha256
from seg_ml.domain.errors import ArtifactMismatch, SchemaMismatch
from seg_ml.mail.limits import DEFAULT_LIMITS, Limits
from seg_ml.mail.parse import PARSER_VERSION
from seg_ml.text.reading import READING_VERSION
from seg_ml.text.tokens import TOKENS_VERSION

FORMAT = 1
MANIFEST = "manifest.json"
# Written beside the artifact by the registry, and no part of it.
_FOREIGN = frozenset({MANIFEST, "MLmodel", "input_example.json", "card.md", "version.json"})


@dataclass(frozen=True)
class Manifest:
    """Everything a verdict depends on besides the message.

    `signatures` and `features` are (id, version) in the order of the vector; `linear` names the linear
    models in the order of their logits; `cascade` holds the margins beyond which no transformer reads a message,
    `None` where it reads all; `training` holds data hash, commit, counts, parameters and measured choices; `files`
    maps every file of the artifact to its SHA-256. `correction` is the most by which `own.*`, learned from an
    organization's own mail, moves the fused log-odds; 0 where there is none.
    """

    labels: tuple[str, ...]
    absent_labels: tuple[str, ...]
    signatures: tuple[tuple[str, int], ...]
    features: tuple[tuple[str, int], ...]
    linear: tuple[str, ...]
    subwords: dict[str, int]
    precision: str
    shippable: bool
    training: dict[str, Any]
    correction: float = 0.0
    cascade: dict[str, float] | None = None
    limits: dict[str, int] = field(default_factory=lambda: asdict(DEFAULT_LIMITS))
    code: dict[str, int] = field(default_factory=lambda: current_code())
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Hash every file of the folder and write the manifest beside them."""
        files = {path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.name not in _FOREIGN}
        data = {**asdict(self), "files": files}
        (folder / MANIFEST).write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a manifest and compare it with the files beside it and with this code.

        Raises:
            ArtifactMismatch: it is absent, of another format, or a file is missing, added or changed.
            SchemaMismatch: parser, text or limits are not those it was trained with.
        """
        manifest = cls._parse(folder)
        manifest._check_files(folder)
        if manifest.code != current_code():
            raise SchemaMismatch(
                f"{folder}: built for {manifest.code}, this code is {current_code()}; retrain or check out its commit"
            )
        return manifest

    @classmethod
    def _parse(cls, folder: Path) -> Manifest:
        path = folder / MANIFEST
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise ArtifactMismatch(f"{path}: format {data['format']}, this code reads {FORMAT}")
            for key in ("labels", "absent_labels", "linear"):
                data[key] = tuple(data[key])
            for key in ("signatures", "features"):
                data[key] = tuple((str(name), int(version)) for name, version in data[key])
            return cls(**data)
        except FileNotFoundError as error:
            raise ArtifactMismatch(f"{path} is missing: not a model artifact") from error
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactMismatch(f"{path} cannot be read: {error}") from error

    def _check_files(self, folder: Path) -> None:
        present = {path.name for path in folder.iterdir() if path.is_file()} - _FOREIGN
        if missing := set(self.files) - present:
            raise ArtifactMismatch(f"{folder}: {min(missing)} is missing")
        if added := present - set(self.files):
            raise ArtifactMismatch(f"{folder}: {min(added)} is not in the manifest")
        for name, wanted in self.files.items():
            if file_sha256(folder / name) != wanted:
                raise ArtifactMismatch(
                    f"{folder}: {name} differs from the manifest; restore it or resolve the model again"
                )

    def parser_limits(self) -> Limits:
        """The limits that the parser had in training."""
        return Limits(**self.limits)


def current_code() -> dict[str, int]:
    """Versions of the code between bytes and features."""
    return {"parser": PARSER_VERSION, "reading": READING_VERSION, "tokens": TOKENS_VERSION}
