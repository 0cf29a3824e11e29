"""`seg-ml intel`: threat-intelligence feeds, look-ups, mutes, and imitations found before mail comes from them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.table import Table

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.discovery import imitations, names_in
from seg_ml.signatures.intel_loaders import LOADERS, Feed, canonical, guess
from seg_ml.signatures.intel_store import Indicator, IntelStore, IntelWriter, Kind, Mute, is_day, today
from seg_ml.signatures.settings import Organization, SignatureSettings

intel_app = typer.Typer(help="Threat intelligence.", no_args_is_help=True)

Store = Annotated[Path, typer.Option("--store", envvar="SEG_INTEL_STORE", help="The store's file.")]
DEFAULT_STORE = Path("var/intel.sqlite")


@intel_app.command(
    epilog="Example: curl -s https://urlhaus.abuse.ch/downloads/csv_recent/ | seg-ml intel update urlhaus -"
)
def update(
    feed: Annotated[str, typer.Argument(help=f"Form of the feed: {', '.join(LOADERS)}.")],
    file: Annotated[Path, typer.Argument(help="The feed's file; `-` reads standard input.")],
    store: Store = DEFAULT_STORE,
    source: Annotated[str | None, typer.Option(help="Name of the source; the form's name without.")] = None,
    days: Annotated[int, typer.Option(min=1, help="Days for which an indicator counts after it was last seen.")] = 90,
) -> None:
    """Read a feed into the store. Running gateways use it at once; what has expired is removed."""
    if feed not in LOADERS:
        raise typer.BadParameter(f"{feed!r} is none of {', '.join(LOADERS)}")
    skipped: Counter[str] = Counter()
    try:
        with _opened(file) as stream, IntelWriter(store) as writer:
            rows = LOADERS[feed](stream, Feed(source or feed, today(), days))
            read = writer.add(_counted(rows, skipped))
            expired = writer.drop_expired(today())
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{store}: {read} indicators read, {skipped['rows']} rows skipped, {expired} expired")


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    if str(file) == "-":
        yield sys.stdin
        return
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        yield stream


def _counted(rows: Iterator[Indicator | None], skipped: Counter[str]) -> Iterator[Indicator]:
    for row in rows:
        if row is None:
            skipped["rows"] += 1
        else:
            yield row


@intel_app.command("list", epilog="Example: seg-ml intel list")
def list_sources(store: Store = DEFAULT_STORE) -> None:
    """Show how many indicators each source gave, how fresh they are, and what is muted."""
    opened = _store(store)
    table = Table("source", "kind", "indicators", "last seen", box=None)
    for (source, kind), (count, newest) in opened.counts().items():
        table.add_row(source, kind, f"{count:,}", newest)
    Console().print(table)
    for mute in opened.mutes():
        typer.echo(f"muted until {mute.until}: {mute.kind} {mute.value} ({mute.reason})")


@intel_app.command(epilog="Example: seg-ml intel explain malware.example.net")
def explain(
    value: Annotated[str, typer.Argument(help="A domain, URL, address, SHA-256 or mailbox.")],
    store: Store = DEFAULT_STORE,
) -> None:
    """Say what is known about a value. Exits with 1 where nothing is."""
    kind, known = _known(value)
    opened = _store(store)
    for indicator in opened.find(kind, known):
        typer.echo(
            f"{indicator.kind} {indicator.value}: {indicator.source}, seen {indicator.first_seen} to "
            f"{indicator.last_seen}, expires {indicator.expires} {indicator.note}",
        )
    muted = [mute for mute in opened.mutes() if (mute.kind, mute.value) == (kind, known)]
    for mute in muted:
        typer.echo(f"muted until {mute.until}: {mute.reason}")
    if not muted and not opened.find(kind, known):
        typer.echo(f"{kind} {known}: nothing known")
        raise typer.Exit(1)


@intel_app.command(epilog='Example: seg-ml intel mute cdn.example.org --reason "shared host" --until 2027-01-31')
def mute(
    value: Annotated[str, typer.Argument(help="The indicator that is a false positive.")],
    reason: Annotated[str, typer.Option(help="Why it is one.")],
    until: Annotated[
        str | None, typer.Option(help="First day on which it counts again; 30 days from now without.")
    ] = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Keep a false positive from being reported until a day."""
    end = until or (date.fromisoformat(today()) + timedelta(days=30)).isoformat()
    if not is_day(end) or end <= today():
        raise typer.BadParameter(f"--until must be a day to come, as 2027-01-31; got {end!r}")
    kind, known = _known(value)
    _store(store)
    with IntelWriter(store) as writer:
        writer.mute(Mute(kind, known, reason, end))
    typer.echo(f"muted until {end}: {kind} {known}")


@intel_app.command(epilog="Example: zcat newly-registered.txt.gz | seg-ml intel discover - --own example.org")
def discover(
    file: Annotated[
        Path, typer.Argument(help="Newly seen domains: a list, CSV or certificate JSON lines; `-` for input.")
    ],
    own: Annotated[list[str] | None, typer.Option(help="A domain of the organization; may be repeated.")] = None,
) -> None:
    """Find domains that imitate the protected brands or the organization, one tab-separated line each."""
    organization = Organization(domains=tuple(domain.lower() for domain in own or ()))
    try:
        with _opened(file) as stream:
            for found in imitations(names_in(stream), SignatureSettings(organization=organization)):
                typer.echo(f"{found.host}\t{found.brand.name}\t{found.trick}")
    except OSError as error:
        raise typer.BadParameter(str(error)) from error


def _store(path: Path) -> IntelStore:
    try:
        return IntelStore(path)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error


def _known(value: str) -> tuple[Kind, str]:
    kind = guess(value)
    known = canonical(kind, value) if kind is not None else None
    if kind is None or known is None:
        raise typer.BadParameter(f"{value!r} is no domain, URL, address, SHA-256 or mailbox")
    return kind, known
