"""Progress of a stage: a bar on a terminal, a line every few seconds in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")
_EVERY_SECONDS = 10.0
console = Console(stderr=True)


class StageProgress:
    """Called as `progress(what, done, total)`, as often as you like."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._tasks: dict[str, object] = {}
        self._last = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._bar is not None:
            if what not in self._tasks:
                self._tasks[what] = self._bar.add_task(what, total=total)
            self._bar.update(self._tasks[what], completed=done, total=total)  # type: ignore[arg-type]
        elif done == total or time.monotonic() - self._last > _EVERY_SECONDS:
            self._last = time.monotonic()
            console.print(f"  {what}: {done}/{total}", highlight=False)

    def over(self, what: str, items: Iterable[T], total: int) -> Iterator[T]:
        """Iterate and report."""
        for done, item in enumerate(items, start=1):
            yield item
            self(what, done, total)


@contextmanager
def progress() -> Iterator[StageProgress]:
    """Progress for the length of a block."""
    if not sys.stderr.isatty():
        yield StageProgress(None)
        return
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield StageProgress(bar)
