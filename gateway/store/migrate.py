"""Brings a database to the present schema. Several gateways may start at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.store.database import Database
from seg_ml.domain.errors import StoreError

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 0x5E6_0001


def migrate(database: Database) -> None:
    """Run the migrations that are missing.

    Raises:
        StoreError: the database cannot be reached or changed.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with database.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"store: {database.engine.url!r}: {str(error).splitlines()[0]}") from error
