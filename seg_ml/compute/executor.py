"""Independent jobs side by side, results in order: the one place that knows where they run.

`SEG_EXECUTOR` says where: `processes` (the default: one for each core), `processes:N`, `here` (this process, one job
after the other), `ray` (a Ray runtime on this machine) or `ray:ADDRESS` (a cluster; the checkout's `data/` must be a
folder that its machines share). A job does not know which, and its result does not depend on it: every worker
computes with one thread.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from seg_ml.domain.errors import ConfigError

J = TypeVar("J")
T = TypeVar("T")
VARIABLE = "SEG_EXECUTOR"
_AHEAD = 4  # chunks that wait for each worker: enough to keep it busy, few enough to fit into memory
_FORMS = "processes, processes:N, here, ray or ray:ADDRESS"


def spread(function: Callable[[J], T], jobs: Iterable[J], *, chunk: int = 1, workers: int | None = None) -> Iterator[T]:
    """`function` of each job, in their order; `chunk` jobs travel together. Jobs are taken only as they are needed.

    `workers`: how many jobs run at once, where something other than one for each core is wanted. `function`, jobs and
    results are pickled, unless all is done here.

    Raises:
        ConfigError: `SEG_EXECUTOR` has another form, or Ray is not installed.
    """
    where, _, detail = os.environ.get(VARIABLE, "").partition(":")
    if where == "here" and not detail:
        return map(function, jobs)
    chunks = _chunks(jobs, chunk)
    if where in ("", "processes") and ((detail.isdecimal() and int(detail) > 0) or not detail):
        return _in_processes(function, chunks, workers or int(detail or _cores()))
    if where == "ray":
        return _on_ray(function, chunks, detail or None, workers)
    raise ConfigError(f"{VARIABLE}={os.environ[VARIABLE]!r}: write {_FORMS}")


def threaded(function: Callable[[J], T], jobs: Iterable[J]) -> list[T]:
    """`function` of each job, in their order, in threads of this process, one for each core.

    For work that shares too much to be sent and that lets go of the interpreter while it computes, as solvers do.
    Libraries compute with one thread in each meanwhile.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), ThreadPoolExecutor(_cores()) as pool:
        return list(pool.map(function, jobs))


def _chunks(jobs: Iterable[J], size: int) -> Iterator[list[J]]:
    source = iter(jobs)
    while part := list(islice(source, size)):
        yield part


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(function: Callable[[J], T], chunks: Iterator[list[J]], workers: int) -> Iterator[T]:
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:

        def submit(part: list[J]) -> Future[list[T]]:
            with _single_threaded():
                return pool.submit(_all_of, function, part)

        yield from _in_order(submit, chunks, _AHEAD * workers)


def _on_ray(
    function: Callable[[J], T], chunks: Iterator[list[J]], address: str | None, workers: int | None
) -> Iterator[T]:
    try:
        import ray
    except ImportError as error:
        raise ConfigError(f"{VARIABLE}=ray needs Ray: pip install 'seg-ml[cluster]'") from error
    if not ray.is_initialized():
        environment = {"env_vars": dict.fromkeys(_THREADS, "1")}
        here = {} if address else {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
        ray.init(address, log_to_driver=False, runtime_env=environment, logging_level=logging.ERROR, **here)
    remote = ray.remote(num_cpus=1)(_all_of)
    ahead = workers - 1 if workers else _AHEAD * int(ray.cluster_resources().get("CPU", 1))
    yield from _in_order(lambda part: remote.remote(function, part).future(), chunks, ahead)


def _in_order(submit: Callable[[list[J]], Future[list[T]]], chunks: Iterator[list[J]], ahead: int) -> Iterator[T]:
    pending: deque[Future[list[T]]] = deque()
    try:
        for part in chunks:
            pending.append(submit(part))
            if len(pending) > ahead:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


def _all_of(function: Callable[[J], T], part: list[J]) -> list[T]:
    return [function(job) for job in part]


_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Processes that start meanwhile compute with one thread each: libraries read this as they are loaded."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
