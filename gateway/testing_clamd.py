"""Debian's clamd on a socket of its own, with signatures written for tests."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.scoring.breaker import Breaker
from gateway.scoring.clamav import ClamAv

SAMPLE = b"A tulip that nobody planted, 7c1f.\n"
"""Harmless; the database below names it `Test.Tulip`."""

MARK = b"harmless-mark-9d2e"
"""Harmless; any file with it is `Test.Mark`."""


def program() -> str:
    """Where clamd is.

    Raises:
        FileNotFoundError: it is not installed.
    """
    found = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError("clamd: apt-get install clamav-daemon, or run deploy/test-needs.sh")
    return found


@contextlib.contextmanager
def clamd(folder: Path, *, stream_limit: str = "2M") -> Iterator[Path]:
    """A running daemon; yields its socket, and stops it at the end."""
    database, socket = folder / "signatures", folder / "clamd.sock"
    database.mkdir(parents=True)
    digest = hashlib.md5(SAMPLE, usedforsecurity=False).hexdigest()
    (database / "test.hdb").write_text(f"{digest}:{len(SAMPLE)}:Test.Tulip\n")
    (database / "test.ndb").write_text(f"Test.Mark:0:*:{MARK.hex()}\n")
    lines = [
        f"LocalSocket {socket}", f"DatabaseDirectory {database}", "Foreground yes", f"StreamMaxLength {stream_limit}",
        "MaxThreads 4", f"TemporaryDirectory {folder}", f"LogFile {folder / 'clamd.log'}", "SelfCheck 86400",
    ]  # fmt: skip
    if os.geteuid() == 0:
        lines.append("User root")
    configuration = folder / "clamd.conf"
    configuration.write_text("\n".join(lines) + "\n")
    process = subprocess.Popen([program(), "--config-file", str(configuration)], stdout=subprocess.DEVNULL)
    try:
        _wait(process, socket)
        yield socket
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], socket: Path) -> None:
    give_up = time.monotonic() + 60
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError(f"clamd did not start: see {socket.parent / 'clamd.log'}")
        time.sleep(0.05)


def client(socket: Path | str, *, deadline: float = 10.0, failures: int = 3) -> ClamAv:
    """A client with a breaker of its own."""
    return ClamAv(str(socket), deadline=deadline, concurrency=4, breaker=Breaker(failures, 60.0))
