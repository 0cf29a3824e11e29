"""Short fuzz runs; `fuzz_run.py` and `atheris_run.py` beside this file make 100,000 inputs."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

SPEC = importlib.util.spec_from_file_location("fuzz_run", Path(__file__).with_name("fuzz_run.py"))
assert SPEC is not None and SPEC.loader is not None
fuzz_run = importlib.util.module_from_spec(SPEC)
sys.modules["fuzz_run"] = fuzz_run
SPEC.loader.exec_module(fuzz_run)


def test_rough_handling_raises_nothing() -> None:
    fuzz_run.in_process(1500, seed=11)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.one_of(st.sampled_from(fuzz_run.SPICE), st.sampled_from(fuzz_run.SEEDS), st.binary(max_size=40)), max_size=12
    )
)
def test_any_bytes_raise_nothing(pieces: list[bytes]) -> None:
    fuzz_run.one_input(b"".join(pieces))


def test_every_message_gets_an_answer_and_a_row(tmp_path: Path) -> None:
    counts = asyncio.run(fuzz_run.over_the_wire(150, seed=5, folder=tmp_path))
    assert counts["without an answer"] == counts["unrecorded"] == counts["rows left pending"] == 0, counts


def test_inputs_searched_for_by_coverage_break_nothing(tmp_path: Path) -> None:
    script = Path(__file__).with_name("atheris_run.py")
    command = [sys.executable, str(script), "-runs=600", "-max_len=4096", "-timeout=60", "-seed=5", str(tmp_path / "s")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=400)
    if importlib.util.find_spec("atheris") is None:  # a platform without wheels
        assert "No module named 'atheris'" in done.stderr
        return
    assert done.returncode == 0 and re.search(r"Done 6\d\d runs", done.stderr), done.stderr[-3000:]
