"""`seg-ml intel`: threat-intelligence feeds, look-ups, mutes, and imitations found before mail comes from them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.discovery import imitations, names_in
from seg_ml.signatures.engine import printable
from seg_ml.signatures.intel_loaders import LOADERS, Feed, canonical, guess
from seg_ml.signatures.intel_store import Indicator, IntelStore, Kind, Mute, is_day, today
from seg_ml.signatures.intel_writer import IntelWriter
from seg_ml.signatures.settings import Organization, SignatureSettings

intel_app = typer.Typer(help="Threat intelligence.", no_args_is_help=True)

Store = Annotated[Path, typer.Option("--store", envvar="SEG_INTEL_STORE", help="The store's file.")]
DEFAULT_STORE = Path("var/store.intel")


@intel_app.command(epilog="Example: seg-ml intel update --config deploy/intel.yaml")
def update(
    feed: Annotated[str | None, typer.Argument(help=f"For one file: its form, {', '.join(LOADERS)}.")] = None,
    file: Annotated[Path | None, typer.Argument(help="... and the file; `-` reads standard input.")] = None,
    config: Annotated[
        Path | None, typer.Option(envvar="SEG_INTEL_CONFIG", help="File of sources; all of them are fetched.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Of the file's sources only this; may be repeated.")] = None,
    store: Annotated[Path | None, typer.Option("--store", envvar="SEG_INTEL_STORE", help="The store's file.")] = None,
    source: Annotated[str | None, typer.Option(help="Name of the source of one file; the form's without.")] = None,
    days: Annotated[int, typer.Option(min=1, help="Days for which an indicator counts after it was last seen.")] = 90,
) -> None:
    """Bring the store up to date: from a file of sources, or from one feed's file. Running gateways use it at once.

    Exits with 1 where a source could not be read; what the store knew of it stays.
    """
    if (feed is None) != (file is None) or (feed is None) == (config is None):
        raise typer.BadParameter("give either --config, or a feed's form and its file")
    if config is not None:
        _update_all(config, only or [], store)
        return
    if feed not in LOADERS:
        raise typer.BadParameter(f"{feed!r} is none of {', '.join(LOADERS)}")
    skipped: Counter[str] = Counter()
    store = store or DEFAULT_STORE
    try:
        with _opened(file or Path("-")) as stream, IntelWriter(store) as writer:
            rows = LOADERS[feed](stream, Feed(source or feed, today(), days))
            read = writer.add(_counted(rows, skipped))
            writer.drop_expired(today())
    except (ConfigError, OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{store}: {read} indicators read, {skipped['rows']} rows skipped, {writer.expired} expired")


def _update_all(config: Path, only: list[str], store: Path | None) -> None:
    try:
        from seg_ml.signatures.feeds.settings import read_sources
        from seg_ml.signatures.feeds.update import update as update_sources
    except ImportError as error:
        raise typer.BadParameter(f"{error.name} is not installed; `pip install seg-ml[gateway]` has it") from error
    try:
        settings = read_sources(config)
        unknown = set(only) - {item.name for item in settings.sources}
        if unknown:
            raise ConfigError(f"{config}: no source {sorted(unknown)[0]!r}")
        wanted = [item for item in settings.sources if not only or item.name in only]
        outcomes, expired = update_sources(wanted, store or settings.store)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error
    for outcome in outcomes:
        happened = "unchanged" if outcome.unchanged else f"{outcome.read} indicators, {outcome.skipped} rows skipped"
        typer.echo(f"{outcome.source}: {outcome.problem or happened}", err=bool(outcome.problem))
    typer.echo(f"{store or settings.store}: {expired} expired")
    if any(outcome.problem for outcome in outcomes):
        raise typer.Exit(1)


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
def list_sources(
    store: Store = DEFAULT_STORE,
    source: Annotated[str | None, typer.Option(help="List this source's indicators instead.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="... and not more than these.")] = 50,
) -> None:
    """Show how many indicators each source gave, how fresh they are, and what is muted; or indicators of one source."""
    opened = _store(store)
    if source is not None:
        _list_indicators(opened, source, limit)
        return
    table = Table("source", "reliability", "kind", "indicators", "last seen", "last read", box=None)
    state, reliability = opened.state(), opened.reliability()
    for (name, kind), (count, newest) in opened.counts().items():
        read = str(state.get(name, {}).get("read", ""))
        table.add_row(name, reliability.get(name, "high"), kind, f"{count:,}", newest, read)
    Console().print(table)
    if opened.mutes():
        muted = Table("muted until", "kind", "value", "reason", box=None)
        for mute in opened.mutes():
            muted.add_row(mute.until, mute.kind.value, escape(mute.value), escape(mute.reason))
        Console().print(muted)


def _list_indicators(opened: IntelStore, source: str, limit: int) -> None:
    table = Table("kind", "value", "first seen", "last seen", "expires", "note", box=None)
    for item in islice((found for found in opened.indicators() if found.source == source), limit):
        dates = (item.first_seen, item.last_seen, item.expires)
        table.add_row(item.kind.value, escape(item.value), *dates, escape(item.note))
    Console().print(table)


@intel_app.command(epilog="Example: seg-ml intel explain malware.example.net")
def explain(
    value: Annotated[str, typer.Argument(help="A domain, URL, address, SHA-256 or mailbox.")],
    store: Store = DEFAULT_STORE,
) -> None:
    """Say what is known about a value. Exits with 1 where nothing is."""
    kind, known = _known(value)
    opened = _store(store)
    muted = [mute for mute in opened.mutes() if (mute.kind, mute.value) == (kind, known)]
    found = opened.everything(kind, known)
    for indicator in found:
        expired = "" if indicator.expires > today() else " (expired)"
        typer.echo(
            f"{indicator.kind} {indicator.value}: {indicator.source} ({indicator.reliability} reliability), "
            f"seen {indicator.first_seen} to {indicator.last_seen}, expires {indicator.expires}{expired} "
            f"{printable(indicator.note)}"
        )
    for mute in muted:
        typer.echo(f"muted until {mute.until}: {printable(mute.reason)}")
    if not muted and not found:
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


@intel_app.command(epilog="Example: seg-ml intel unmute cdn.example.org")
def unmute(value: Annotated[str, typer.Argument(help="The muted indicator.")], store: Store = DEFAULT_STORE) -> None:
    """Report an indicator again. Exits with 1 where it was not muted."""
    kind, known = _known(value)
    _store(store)
    with IntelWriter(store) as writer:
        was_muted = writer.unmute(kind, known)
    typer.echo(f"{kind} {known}: {'reported again' if was_muted else 'was not muted'}")
    if not was_muted:
        raise typer.Exit(1)


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
