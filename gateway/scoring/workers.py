"""Worker processes for what is done to hostile bytes: limited, without network, replaced when they die.

A worker that exceeds its memory, its CPU time or its deadline is killed; only its own message fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from gateway.log import get_logger
from seg_ml.signatures.worker import Worker, WorkerFailed, WorkersBusy

__all__ = ["WorkerFailed", "Workers", "WorkersBusy"]

log = get_logger()
T = TypeVar("T")


class Workers:
    """A pool. Functions and arguments travel by pickle, so they are module-level and plain."""

    def __init__(self, processes: int, *, memory: int, cpu_seconds: int, deadline: float) -> None:
        self.deadline = deadline
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="worker")
        self._workers = [Worker(memory, cpu_seconds, _warn) for _ in range(processes)]
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run `function(*arguments)` in a worker.

        Raises:
            WorkersBusy: all were busy for the whole deadline.
            WorkerFailed: the worker died, ran out of time, or the function raised.
        """
        try:
            async with asyncio.timeout(self.deadline):
                worker = await self._idle.get()
        except TimeoutError as error:
            raise WorkersBusy(f"workers: none came free within {self.deadline:g} s") from error
        call = asyncio.get_running_loop().run_in_executor(
            self._threads, worker.call, function, arguments, self.deadline
        )
        # A caller that is cancelled must not hand a busy worker to the next one.
        call.add_done_callback(lambda done: self._give_back(worker, done))
        result: T = await asyncio.shield(call)
        return result

    def _give_back(self, worker: Worker, done: asyncio.Future[Any]) -> None:
        if not done.cancelled():
            done.exception()
        self._idle.put_nowait(worker)

    def stop(self) -> None:
        """Kill all workers."""
        for worker in self._workers:
            worker.interrupt()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.kill()


def _warn(problem: str) -> None:
    log.warning("worker", problem=problem)
