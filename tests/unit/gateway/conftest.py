"""Databases that the store's tests run on: SQLite, and a PostgreSQL of their own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.database import Database
from gateway.store.migrate import migrate
from gateway.store.tables import metadata
from seg_ml.domain.errors import StoreError


def _programs() -> Path:
    """Debian keeps initdb and postgres out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = found[-1] if found else Path(shutil.which("initdb") or "/usr/bin/initdb")
    return program.parent


def _as_ordinary_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A server that lives as long as the tests."""
    folder = Path(tempfile.mkdtemp(prefix="seg-pg-", dir="/tmp"))
    prefix, programs = _as_ordinary_user(folder), _programs()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    initdb = [*prefix, str(programs / "initdb"), "-D", str(data), "-U", "seg", "-A", "trust", "--no-sync"]
    subprocess.run(initdb, check=True, **quiet)  # type: ignore[call-overload]
    options = ["-D", str(data), "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
    server = subprocess.Popen([*prefix, str(programs / "postgres"), *options], **quiet)  # type: ignore[call-overload]
    url = f"postgresql+psycopg://seg@127.0.0.1:{port}/postgres"
    try:
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def _wait(url: str) -> None:
    for attempt in range(300):
        database = Database(url, timeout=5)
        try:
            database.read_now(lambda connection: connection.exec_driver_sql("SELECT 1"))
            return
        except StoreError:
            if attempt == 299:
                raise
            time.sleep(0.1)
        finally:
            database.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty store of each kind, migrated and started."""
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    database = Database(url, timeout=5)
    migrate(database)
    migrate(database)  # a second gateway that starts finds nothing to do
    database.start()
    yield database
    with database.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    database.stop()
