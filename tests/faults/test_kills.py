"""A few rounds of the kill run; `python tests/faults/kill_run.py` makes 200."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path

SPEC = importlib.util.spec_from_file_location("kill_run", Path(__file__).with_name("kill_run.py"))
assert SPEC is not None and SPEC.loader is not None
kill_run = importlib.util.module_from_spec(SPEC)
sys.modules["kill_run"] = kill_run
SPEC.loader.exec_module(kill_run)


def test_kills_lose_nothing(tmp_path: Path) -> None:
    counts = asyncio.run(kill_run.run(kills=3, messages=30, seed=7, folder=tmp_path))
    assert counts["sent"] == counts["acknowledged"] == 90
    for name in ("lost", "duplicates without cause", "damaged", "acknowledged without one final record"):
        assert counts[name] == 0, counts
