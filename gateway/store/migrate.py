"""Brings a database to the present schema. Several gateways may start at once."""

from __future__ import annotations

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from gateway.log import get_logger
from gateway.store.database import Database
from seg_ml.domain.errors import StoreError

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 0x5E6_0001
PAUSE = 0.5
log = get_logger()


def migrate(database: Database, patience: float = 0.0) -> None:
    """Run the migrations that are missing. After a power cut a database recovers for a while: wait for it.

    Raises:
        StoreError: the database cannot be reached within `patience` seconds, or not be changed.
    """
    give_up = time.monotonic() + patience
    while True:
        try:
            _upgrade(database)
            return
        except OperationalError as error:
            if time.monotonic() >= give_up:
                raise _named(database, error) from error
            log.warning("waiting", store=type(error.orig).__name__)
            time.sleep(PAUSE)
        except (SQLAlchemyError, OSError) as error:
            raise _named(database, error) from error


def _upgrade(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _named(database: Database, error: Exception) -> StoreError:
    return StoreError(f"store: {database.engine.url!r}: {str(error).splitlines()[0]}")
