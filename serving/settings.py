"""`SERVING_*`: how the service runs. What it computes is frozen in the artifact."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from seg_ml.domain.errors import ConfigError

FROZEN = Path(__file__).with_name("model.json")
"""Written into a Bento by `serving/build.py`: the one model version it serves."""


@dataclass(frozen=True)
class ServingSettings:
    """`device` cpu or cuda; `workers` processes; `batch` messages a GPU takes at once; `timeout` in seconds."""

    device: str
    workers: int
    batch: int
    timeout: int

    @classmethod
    def from_environment(cls) -> ServingSettings:
        """Read `SERVING_DEVICE`, `SERVING_WORKERS`, `SERVING_BATCH`, `SERVING_TIMEOUT`.

        Raises:
            ConfigError: a value is no number, or the device unknown.
        """
        device = os.environ.get("SERVING_DEVICE", "cpu")
        if device not in ("cpu", "cuda"):
            raise ConfigError(f"SERVING_DEVICE={device!r}: write cpu or cuda")
        workers = _number("SERVING_WORKERS", 1 if device == "cuda" else os.cpu_count() or 1)
        return cls(device, workers, _number("SERVING_BATCH", 32), _number("SERVING_TIMEOUT", 120))


def artifact_location() -> tuple[str, str]:
    """(where, model version): a BentoML model tag or a folder, and what verdicts call it.

    `SERVING_ARTIFACT` names a folder (development); a built Bento carries its own answer.

    Raises:
        ConfigError: neither is there.
    """
    if folder := os.environ.get("SERVING_ARTIFACT"):
        return folder, os.environ.get("SERVING_MODEL_VERSION", "")
    if FROZEN.is_file():
        frozen = json.loads(FROZEN.read_text(encoding="utf-8"))
        return str(frozen["tag"]), str(frozen["model_version"])
    raise ConfigError("no model: serve a Bento made by `python -m serving.build`, or set SERVING_ARTIFACT to a folder")


def frozen_packages() -> list[str]:
    """The Python packages of a Bento's image, with versions; none outside of a Bento."""
    return list(json.loads(FROZEN.read_text(encoding="utf-8"))["packages"]) if FROZEN.is_file() else []


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit() or int(value) < 1:
        raise ConfigError(f"{name}={value!r}: a whole number from 1 is expected")
    return int(value)
