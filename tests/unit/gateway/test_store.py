"""The store: pending before, one final record after, a hold that survives a second try."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select

from gateway.store import outbox, quarantine, records, tracing
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.migrate import migrate
from gateway.store.tables import HoldState, Outcome, feedback, hold, metadata, trace
from seg_ml.domain.envelope import Envelope
from seg_ml.domain.errors import StoreError
from seg_ml.domain.verdict import Decision, Disposition

QUARANTINE = Decision(Disposition.QUARANTINE, "spam")
RECIPIENTS = ("a@example.org", "b@example.org")


def facts(queue_id: str = "Q1") -> records.Facts:
    envelope = Envelope("192.0.2.1", "client.example", "s@example.net", RECIPIENTS)
    return records.Facts(queue_id, "mx", time.time(), envelope, size=3, sha256="0" * 64)


def copies(outcome: Outcome = Outcome.PENDING, **holds: str) -> list[records.Copy]:
    return [records.Copy(r, "inbound", QUARANTINE, outcome, hold_id=holds.get(r.partition("@")[0])) for r in RECIPIENTS]


def hold_all(connection: Connection, queue_id: str) -> dict[str, str]:
    records.insert_trace(connection, facts(queue_id), copies())
    return records.insert_holds(connection, facts(queue_id), copies(), b"X: y\r\n")


def finish(connection: Connection, queue_id: str, held: dict[str, str], outcome: Outcome) -> None:
    named = {recipient.partition("@")[0]: hold_id for recipient, hold_id in held.items()}
    records.finish_trace(connection, facts(queue_id), copies(outcome, **named))


def states(database: Database) -> list[str]:
    return sorted(database.read_now(lambda c: c.scalars(select(hold.c.state)).all()))


def test_tables_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_pending_then_final(database: Database) -> None:
    held = database.write_now(lambda c: hold_all(c, "Q1"))
    assert states(database) == ["pending", "pending"]
    database.write_now(lambda c: finish(c, "Q1", held, Outcome.QUARANTINED))
    assert states(database) == ["final", "final"]
    rows = database.read_now(lambda c: tracing.get_trace(c, "Q1"))
    assert [(row.recipient, row.outcome, row.hold_id) for row in rows] == [
        (recipient, "quarantined", held[recipient]) for recipient in RECIPIENTS
    ]


def test_a_second_try_takes_the_first_ones_row_over(database: Database) -> None:
    first = database.write_now(lambda c: hold_all(c, "Q1"))
    assert database.write_now(lambda c: tracing.settle(c, "mx")) == 2
    second = database.write_now(lambda c: hold_all(c, "Q2"))
    database.write_now(lambda c: finish(c, "Q2", second, Outcome.QUARANTINED))
    assert first == second
    assert states(database) == ["final", "final"]
    assert [row.outcome for row in database.read_now(lambda c: tracing.get_trace(c, "Q1"))] == ["unknown"] * 2


def test_a_transaction_that_was_not_answered_withdraws_its_holds(database: Database) -> None:
    held = database.write_now(lambda c: hold_all(c, "Q1"))
    database.write_now(lambda c: finish(c, "Q1", held, Outcome.DEFERRED))
    assert states(database) == ["withdrawn", "withdrawn"]


def test_release_goes_through_the_outbox(database: Database) -> None:
    held = database.write_now(lambda c: hold_all(c, "Q1"))
    database.write_now(lambda c: finish(c, "Q1", held, Outcome.QUARANTINED))
    hold_id = held["a@example.org"]
    database.write_now(lambda c: quarantine.release(c, hold_id[:8]))
    with pytest.raises(StoreError, match="is releasing, not held"):
        database.write_now(lambda c: quarantine.release(c, hold_id))
    task = database.write_now(lambda c: outbox.lease(c, "one", 60))
    assert task is not None
    assert (task.recipient, task.reverse_path, task.attempts) == ("a@example.org", "s@example.net", 1)
    assert database.write_now(lambda c: outbox.lease(c, "two", 60)) is None
    database.write_now(lambda c: outbox.done(c, task))
    assert states(database) == ["final", "released"]
    assert database.read_now(lambda c: c.scalars(select(feedback.c.label)).all()) == ["ham"]


def test_a_lease_that_ran_out_is_free_again(database: Database) -> None:
    held = database.write_now(lambda c: hold_all(c, "Q1"))
    database.write_now(lambda c: quarantine.release(c, held["a@example.org"]))
    assert database.write_now(lambda c: outbox.lease(c, "one", -1)) is not None
    again = database.write_now(lambda c: outbox.lease(c, "two", 60))
    assert again is not None and again.attempts == 2
    database.write_now(lambda c: outbox.retry(c, again, "451 later"))
    assert database.write_now(lambda c: outbox.lease(c, "two", 60)) is None
    database.write_now(lambda c: outbox.failed(c, again, "550 no"))
    assert states(database) == ["final", "pending"]


def test_expiry_keeps_what_is_needed(database: Database) -> None:
    database.write_now(lambda c: hold_all(c, "Q1"))
    assert database.read_now(quarantine.blobs_in_use) == {"0" * 64}
    later = time.time() + 10
    database.write_now(lambda c: quarantine.expire(c, trace_before=later, holds_before=later))
    assert states(database) == [] and database.read_now(quarantine.blobs_in_use) == set()


def test_one_failing_write_leaves_its_neighbours(database: Database) -> None:
    def bad(connection: Connection) -> None:
        connection.execute(insert(trace).values(queue_id="incomplete", recipient="x"))

    async def scenario() -> list[object]:
        good = [database.write(lambda c, n=n: records.insert_trace(c, facts(f"G{n}"), copies())) for n in range(10)]
        return await asyncio.gather(*good, database.write(bad), return_exceptions=True)

    *good, failed = asyncio.run(scenario())
    assert good == [None] * 10 and isinstance(failed, StoreError)
    assert len(database.read_now(lambda c: tracing.list_trace(c))) == 20


def test_a_locked_database_is_a_store_error(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gateway.db'}", timeout=0.2)
    migrate(database)
    other = Database(database.url, timeout=0.2)
    other.start()
    with database.engine.begin(), pytest.raises(StoreError):
        asyncio.run(other.write(lambda c: records.insert_trace(c, facts(), copies())))
    other.stop()
    database.stop()


def test_two_gateways_never_lease_the_same_entry(database: Database) -> None:
    held = database.write_now(lambda c: hold_all(c, "Q1"))
    for hold_id in held.values():
        database.write_now(lambda c, wanted=hold_id: quarantine.release(c, wanted))

    async def scenario() -> list[str | None]:
        owners = [f"owner-{number}" for number in range(6)]
        leases = [database.write(lambda c, who=owner: outbox.lease(c, who, 60)) for owner in owners]
        return [task.recipient if task else None for task in await asyncio.gather(*leases)]

    taken = asyncio.run(scenario())
    assert sorted(filter(None, taken)) == list(RECIPIENTS)


def test_blobs(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    digest = blobs.put(b"hello")
    assert blobs.put(b"hello") == digest and blobs.get(digest) == b"hello"
    assert list(blobs.older_than(time.time() + 5)) == [digest]
    blobs.path(digest).write_bytes(b"damaged")
    with pytest.raises(StoreError, match="SHA-256"):
        blobs.get(digest)
    blobs.remove(digest)
    with pytest.raises(StoreError, match="No such file"):
        blobs.get(digest)


def test_hold_states_are_words() -> None:
    assert HoldState.FINAL == "final"


def test_a_database_that_starts_later_is_waited_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    other, late = Database(url, timeout=0.05), Database(url, timeout=0.05)
    with other.engine.begin():
        with pytest.raises(StoreError, match="locked"):
            migrate(late)
        waiting = threading.Thread(target=migrate, args=(late, 60))
        waiting.start()
    waiting.join(60)
    assert late.read_now(tracing.list_trace) == []
    other.stop()
    late.stop()
