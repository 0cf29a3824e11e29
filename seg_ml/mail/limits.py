"""Hard limits of the parser. Frozen into a model's manifest, since what is cut off is not seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one message, in bytes or counts. What is beyond becomes a `Defect`, never an exception."""

    header_block: int = 64 * 1024
    header_field: int = 8 * 1024
    header_fields: int = 500
    depth: int = 20
    parts: int = 500
    text_characters: int = 400_000
    html_characters: int = 1_000_000
    html_depth: int = 1_000
    html_nodes: int = 50_000
    links: int = 2_000


DEFAULT_LIMITS = Limits()
