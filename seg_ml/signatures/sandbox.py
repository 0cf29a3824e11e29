"""Inside a worker process: limits first, then one piece of work after the other. Run as a module by `worker`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
LARGEST_FILE = 64 * 1024 * 1024


def enter(memory: int) -> bool:
    """Limit memory and files, leave the network, die with whoever started it. Whether the network is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(resource.RLIMIT_DATA, memory)
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
    _limit(resource.RLIMIT_CORE, 0)
    return _leave_network()


def _limit(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _leave_network() -> bool:
    """Move to an empty network namespace where the kernel lets us; a container may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWUSER | CLONE_NEWNET
    return bool(libc.unshare(flags) == 0)


def serve(pipe: Connection, cpu_seconds: int, *, isolated: bool) -> None:
    """Say `isolated`, then answer each `(function, arguments)` with `(True, result)` or `(False, reason)`."""
    with contextlib.suppress(EOFError, OSError):
        pipe.send(isolated)
        while True:
            function, arguments = pipe.recv()
            _allow_cpu(cpu_seconds)
            try:
                answer = (True, function(*arguments))
            except MemoryError:
                # What is left of the process cannot be relied on; another is started.
                os._exit(os.EX_OSERR)
            except Exception as error:
                answer = (False, f"{type(error).__name__}: {error}"[:500])
            pipe.send(answer)


def _allow_cpu(seconds: int) -> None:
    """RLIMIT_CPU counts from the start of the process: move it along with each piece of work."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = used + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


if __name__ == "__main__":
    without_network = enter(int(sys.argv[2]))
    serve(Connection(int(sys.argv[1])), int(sys.argv[3]), isolated=without_network)
