"""One worker process for what is done to hostile bytes: limited, without network, replaced when it dies.

A worker that exceeds its memory, its CPU time or its deadline is killed; only its own message fails.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from seg_ml.domain.errors import SegError

T = TypeVar("T")
START_SECONDS = 60.0


class WorkerFailed(SegError):
    """The work did not come to an end; `reason` is `time`, `crash` or `error`. The message is to blame."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"worker: {reason} {detail}".rstrip())
        self.reason = reason


class WorkersBusy(SegError):
    """No worker came free in time, or none can be started. The message is not to blame."""


class Worker:
    """One process and the pipe to it; started when first needed. Used by one thread at a time, but `interrupt`."""

    def __init__(self, memory: int, cpu_seconds: int, warn: Callable[[str], None]) -> None:
        self._limits = (str(memory), str(cpu_seconds))
        self._warn = warn
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def call(self, function: Callable[..., T], arguments: tuple[Any, ...], deadline: float) -> T:
        """Run in the process and wait."""
        pipe = self._ready()
        try:
            pipe.send((function, arguments))
            if not pipe.poll(deadline):
                self.kill()
                raise WorkerFailed("time", f"no result within {deadline:g} s")
            succeeded, value = pipe.recv()
        except (EOFError, OSError) as error:
            self.kill()
            raise WorkerFailed("crash", type(error).__name__) from error
        if not succeeded:
            raise WorkerFailed("error", str(value))
        result: T = value
        return result

    def _ready(self) -> Connection:
        """The pipe to a process that answers."""
        if self._pipe is not None and self._process is not None and self._process.poll() is None:
            return self._pipe
        self.kill()
        pipe = self._start()
        try:
            if pipe.poll(START_SECONDS):
                if not pipe.recv():
                    self._warn("the kernel allows no network namespace: this worker has a network")
                return pipe
        except (EOFError, OSError) as error:
            self.kill()
            raise WorkersBusy("workers: a worker died while it started") from error
        self.kill()
        raise WorkersBusy(f"workers: a worker did not start within {START_SECONDS:g} s")

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        # A module by its name: nothing of our own main module is run again, as multiprocessing would.
        command = [sys.executable, "-m", "seg_ml.signatures.sandbox", str(theirs.fileno()), *self._limits]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
        with theirs, self._lock:
            if self._stopped:
                ours.close()
                raise WorkersBusy("workers: they are being stopped")
            self._process = subprocess.Popen(
                command, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
            self._pipe = Connection(ours.detach())
            return self._pipe

    def interrupt(self) -> None:
        """End the process under whoever waits for it; nothing starts any more."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def kill(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            process, self._process = self._process, None
            pipe, self._pipe = self._pipe, None
        if process is not None:
            process.kill()
            process.wait()
        if pipe is not None:
            pipe.close()
