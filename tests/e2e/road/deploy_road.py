"""What the road's tests know of the running processes."""

import sys
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Road:
    """Addresses and folders of the running road."""

    project: Path
    service: str
    smtp: int
    config: Path
    delivered: Path
    model_version: str
    bento: str
    environment: dict[str, str]
