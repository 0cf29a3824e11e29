"""Nested mappings as MLflow wants them: one level, with dotted names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

_NOT_ALLOWED = re.compile(r"[^\w\-. /]")


def flatten(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves by dotted name. Lists stay one value; characters that MLflow refuses in names become `_`."""
    found: dict[str, Any] = {}
    for key, value in nested.items():
        name = _NOT_ALLOWED.sub("_", f"{prefix}{key}")
        if isinstance(value, Mapping):
            found |= flatten(value, f"{name}.")
        else:
            found[name] = value
    return found


def numbers(nested: Mapping[str, Any]) -> dict[str, float]:
    """The leaves that are finite numbers; truth values are none."""
    leaves = flatten(nested).items()
    return {
        name: float(value)
        for name, value in leaves
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }
