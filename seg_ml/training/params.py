"""`params.yaml` as DVC leaves it, read section by section."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from seg_ml.domain.errors import ConfigError

PARAMS = Path("params.yaml")
T = TypeVar("T")


class Params:
    """The parameters of this run. `params["section"]` raises where the section is missing."""

    def __init__(self, data: dict[str, Any], path: Path = PARAMS) -> None:
        self.data = data
        self.path = path

    @classmethod
    def load(cls, path: Path = PARAMS) -> Params:
        """Read the file.

        Raises:
            ConfigError: it is missing or no YAML mapping.
        """
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise ConfigError(f"{path}: {error}") from error
        if not isinstance(data, dict):
            raise ConfigError(f"{path}: a mapping of sections is expected")
        return cls(data, path)

    def __getitem__(self, name: str) -> Any:
        try:
            return self.data[name]
        except KeyError:
            raise ConfigError(f"{self.path}: section {name!r} is missing") from None

    def options(self, cls: type[T], section: str, values: dict[str, Any] | None = None) -> T:
        """A section as an options dataclass; keys that belong to another class of the section are left out.

        Raises:
            ConfigError: a value has the wrong type.
        """
        known = {item.name for item in fields(cls)}  # type: ignore[arg-type]
        given = self[section] if values is None else values
        try:
            return cls(**{key: value for key, value in given.items() if key in known})
        except TypeError as error:
            raise ConfigError(f"{self.path}: {section}: {error}") from error

    @property
    def seed(self) -> int:
        """The one seed of a run."""
        return int(self["seed"])
