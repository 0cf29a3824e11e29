"""What the commands share: the --config option, and errors as one line instead of a traceback."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.bootstrap import Store, open_store
from gateway.settings import Settings, load_settings
from seg_ml.domain.errors import SegError

console = Console()
errors = Console(stderr=True)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="SEG_GATEWAY_CONFIG", help="Settings file; none takes the defaults."),
]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows at most.")]


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Show an error of ours as one line and exit with 2."""
    try:
        yield
    except SegError as error:
        errors.print(f"[bold red]error[/]: {error}", soft_wrap=True, highlight=False)
        raise typer.Exit(2) from error


def settings_of(config: Path | None) -> Settings:
    """The settings of this file."""
    return load_settings(config)


@contextlib.contextmanager
def store_of(config: Path | None) -> Iterator[Store]:
    """The store that these settings name, closed afterwards."""
    store = open_store(load_settings(config))
    try:
        yield store
    finally:
        store.database.stop()


def moment(seconds: float | None) -> str:
    """Seconds since the epoch as a UTC time for people."""
    if seconds is None:
        return ""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
