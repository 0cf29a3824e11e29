"""Jobs side by side: in order, lazily, with one thread each, wherever they run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
import ray

from seg_ml.compute.executor import VARIABLE, spread, threaded
from seg_ml.domain.errors import ConfigError


def squared(number: int) -> int:
    return number * number


def refused(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def from_to(_: int) -> tuple[float, float]:
    start = time.monotonic()
    time.sleep(0.05)
    return start, time.monotonic()


def surroundings(_: int) -> tuple[int, str]:
    return os.getpid(), os.environ["OMP_NUM_THREADS"]


@pytest.fixture(params=["processes", "processes:3", "here", "ray"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(VARIABLE, request.param)
    return str(request.param)


@pytest.fixture(autouse=True, scope="module")
def no_ray_is_left_running() -> Iterator[None]:
    yield
    ray.shutdown()


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_results_come_in_the_order_of_the_jobs(place: str, chunk: int) -> None:
    assert list(spread(squared, range(30), chunk=chunk)) == [number * number for number in range(30)]


def test_an_error_of_a_job_is_the_callers(place: str) -> None:
    with pytest.raises(ValueError, match="three"):
        list(spread(refused, range(9)))


def test_jobs_are_taken_as_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "processes:1")
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(1_000):
            taken.append(number)
            yield number

    results = spread(squared, jobs(), chunk=2)
    assert next(results) == 0
    assert len(taken) < 20
    del results  # ends its process


@pytest.mark.parametrize("where", ["processes", "ray"])
def test_one_worker_is_one_job_at_a_time_wherever_it_is(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setenv(VARIABLE, where)
    spans = list(spread(from_to, range(6), workers=1))
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_workers_are_other_processes_with_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "processes:2")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    for process, threads in spread(surroundings, range(4)):
        assert process != os.getpid() and threads == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"


@pytest.mark.parametrize("value", ["threads", "processes:0", "processes:many", "here:2"])
def test_another_word_is_refused_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(ConfigError, match="write processes, processes:N, here, ray or ray:ADDRESS"):
        spread(squared, [1])


def test_threads_share_what_the_caller_has_and_keep_the_order() -> None:
    shared = {number: number * number for number in range(30)}
    assert threaded(shared.__getitem__, range(30)) == list(shared.values())
    with pytest.raises(ValueError, match="three"):
        threaded(refused, range(9))
