"""A worker reaches nobody; where the kernel allows no network namespace, it does, and the log says so."""

from __future__ import annotations

import os
import subprocess
import sys

PROBE = "from seg_ml.signatures import sandbox; raise SystemExit(0 if sandbox._leave_network() else 1)"
TRY = """
import asyncio, socket
from gateway.scoring.workers import WorkerFailed, Workers

async def main(address):
    workers = Workers(1, memory=512 * 1024**2, cpu_seconds=5, deadline=30)
    try:
        await workers.run(exec, f"import socket; socket.create_connection({address!r}, 5).close()")
        print("reached")
    except WorkerFailed as failure:
        print(failure)
    finally:
        workers.stop()

with socket.create_server(("127.0.0.1", 0)) as listener:
    socket.create_connection(listener.getsockname()).close()
    asyncio.run(main(listener.getsockname()))
"""
WARNING = "no network namespace"


def forbidding() -> list[str]:
    """A way to start a process to which the kernel refuses namespaces, as containers do."""
    if os.geteuid() == 0:
        return ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    limit = 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"'
    return ["unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh"]


def said(prefix: list[str], script: str) -> tuple[int, str]:
    command = [*prefix, sys.executable, "-c", script]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_a_worker_reaches_nobody() -> None:
    allowed = said([], PROBE)[0] == 0
    _, text = said([], TRY)
    assert ("unreachable" in text) == allowed, text
    assert ("reached\n" in text) == (WARNING in text) == (not allowed), text


def test_where_the_kernel_refuses_the_log_says_so() -> None:
    _, text = said(forbidding(), TRY)
    assert "reached\n" in text and WARNING in text, text
