"""Chance that a key decides, so that the same corpus comes out on every machine."""

from __future__ import annotations

from random import Random


def seeded(*key: object) -> Random:
    """A generator that draws the same for the same key."""
    return Random("/".join(map(str, key)))  # noqa: S311 (nothing here is secret)
