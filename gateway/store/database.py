"""One database: writes of all transactions share a thread and its commits, reads run in threads.

SQLite allows one writer, and an fsync costs milliseconds: the writer takes all the work that waits and
commits it at once. Each piece runs in its own savepoint, so one that fails does not undo the others.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from seg_ml.domain.errors import StoreError

T = TypeVar("T")
Work = Callable[[Connection], T]
BATCH = 64


class Database:
    """Runs work in transactions. `timeout` in seconds bounds a write, waiting included."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self.url = url
        self.timeout = timeout
        self.engine = make_engine(url, timeout)
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the writer."""
        self._thread = threading.Thread(target=self._write_forever, name="store-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what was handed in, then close."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self.engine.dispose()

    async def write(self, work: Work[T]) -> T:
        """Run work in a transaction and wait until it is durable.

        Raises:
            StoreError: the database refused it or took too long.
        """
        future: Future[T] = Future()
        self._queue.put((work, future))
        try:
            # Not wait_for: in Python 3.11 it swallows a cancellation that meets the result.
            async with asyncio.timeout(self.timeout):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise StoreError(f"store: no commit within {self.timeout:g} s") from error

    async def read(self, work: Work[T]) -> T:
        """Run work that changes nothing.

        Raises:
            StoreError: the database refused it or took too long.
        """
        try:
            async with asyncio.timeout(self.timeout):
                return await asyncio.to_thread(self.read_now, work)
        except TimeoutError as error:
            raise StoreError(f"store: no answer within {self.timeout:g} s") from error

    def read_now(self, work: Work[T]) -> T:
        """`read`, for callers without an event loop."""
        try:
            with self.engine.connect().execution_options(seg_read=True) as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise _store_error(error) from error

    def write_now(self, work: Work[T]) -> T:
        """`write`, for callers without an event loop."""
        try:
            with self.engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise _store_error(error) from error

    def _write_forever(self) -> None:
        while (item := self._queue.get()) is not None:
            batch, stopping = [item], False
            while len(batch) < BATCH and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    stopping = True
                    break
                batch.append(following)
            self._commit([entry for entry in batch if entry[1].set_running_or_notify_cancel()])
            if stopping:
                return

    def _commit(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with self.engine.begin() as connection:
                for work, future in batch:
                    results.append((future, *_attempt(connection, work)))
        except Exception as error:  # the commit failed: nothing of the batch is durable
            failure = _store_error(error)
            results = [(future, None, failure) for _, future in batch]
        for future, value, problem in results:
            future.set_exception(problem) if problem else future.set_result(value)


def _attempt(connection: Connection, work: Work[Any]) -> tuple[Any, Exception | None]:
    """Run one piece of work in a savepoint."""
    savepoint = connection.begin_nested()
    try:
        value = work(connection)
        savepoint.commit()
    except SQLAlchemyError as error:
        savepoint.rollback()
        return None, _store_error(error)
    except Exception as error:
        savepoint.rollback()
        return None, error
    return value, None


def _store_error(error: Exception) -> StoreError:
    return StoreError(f"store: {type(error).__name__}: {str(error).splitlines()[0]}")


def make_engine(url: str, timeout: float) -> Engine:
    """An engine that fsyncs each commit and, on SQLite, never upgrades a read lock halfway."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": max(1, int(timeout))})
    engine = create_engine(url, connect_args={"timeout": timeout, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("seg_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
