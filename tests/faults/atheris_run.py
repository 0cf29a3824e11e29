"""The receive path under atheris: inputs are searched for by coverage of the gateway, the parser and the signatures.

Needs atheris, which the extra `dev` brings where there are wheels (CPython 3.11 to 3.13 on Linux, x86-64). All of
libFuzzer's options are taken; inputs that break something are left as `crash-*` in the working folder, and are run
again by naming them.

Example: python tests/faults/atheris_run.py -runs=100000 -max_len=8192 -timeout=120 /tmp/seg-fuzz
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gateway", "seg_ml"], enable_loader_override=False):
    sys.path.insert(0, str(Path(__file__).parent))
    import fuzz_run

    from gateway.scoring.fallback import inspect
    from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
    from seg_ml.signatures.engine import ERROR_ID

    inspect(ScoreRequest(b"From: a@b.invalid\r\n\r\n"), None)  # detectors are imported when they are first wanted

SECONDS = 5.0
"""Of processor time, the most that one input may cost."""

ENVELOPE = Envelope("192.0.2.1", "mail.example", "ann@sender.example", ("bob@house.example",))
RESULTS = AuthenticationResults(spf="pass", spf_domain="sender.example", dkim="none", dmarc="none", arc="none")


def one_input(data: bytes) -> None:
    """What the gateway does to a message, and what the fallback's signatures say about it; neither takes long."""
    start = time.process_time()
    fuzz_run.one_input(data)
    seen = inspect(ScoreRequest(data, ENVELOPE, RESULTS), None)
    failed = [finding.evidence for finding in seen.findings if finding.signature == ERROR_ID]
    assert not failed, failed
    seconds = time.process_time() - start
    assert seconds < SECONDS, f"{seconds:.1f} s"


def prepared(folder: Path) -> None:
    """Lay the messages that mutation begins with into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    fixtures = Path(__file__).parents[1] / "fixtures" / "signatures"
    small = [path.read_bytes() for path in sorted(fixtures.glob("*/*.eml")) if path.stat().st_size < 8192]
    for number, raw in enumerate((*fuzz_run.SEEDS, *small)):
        (folder / f"seed-{number:03}.eml").write_bytes(raw)


def main() -> None:
    """Command line."""
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-") and not Path(argument).is_file()]
    for folder in folders:
        prepared(Path(folder))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
