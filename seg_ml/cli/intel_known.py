"""`seg-ml intel campaign` and `seg-ml intel digest`: bodies and files that were confirmed bad."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seg_ml.domain.errors import ConfigError
from seg_ml.mail.parse import parse
from seg_ml.signatures.campaigns import CampaignStore, CampaignWriter
from seg_ml.signatures.intel_store import today
from seg_ml.signatures.tlsh import tlsh

campaign_app = typer.Typer(help="Bodies of mail that was confirmed bad.", no_args_is_help=True)

Store = Annotated[Path, typer.Option("--store", envvar="SEG_CAMPAIGN_STORE", help="The store's file.")]
DEFAULT_STORE = Path("var/campaigns.sqlite")


@campaign_app.command(epilog="Example: seg-ml intel campaign add confirmed/*.eml --name 'mailbox full, march'")
def add(
    files: Annotated[list[Path], typer.Argument(help="Message files (RFC 5322) that were confirmed bad.")],
    name: Annotated[str | None, typer.Option(help="Name of the campaign; the file's name without.")] = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Remember the bodies of confirmed mail; running gateways see them at once."""
    added = 0
    try:
        with CampaignWriter(store) as writer:
            for file in files:
                added += writer.add(parse(file.read_bytes()).text, name or file.name, today())
    except (ConfigError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{store}: {added} of {len(files)} bodies added, the others are too short or known")


@campaign_app.command(epilog="Example: seg-ml intel campaign remove 'mailbox full, march'")
def remove(
    name: Annotated[str, typer.Argument(help="Name under which bodies were added.")], store: Store = DEFAULT_STORE
) -> None:
    """Forget the bodies of a campaign."""
    try:
        with CampaignWriter(store) as writer:
            typer.echo(f"{store}: {writer.remove(name)} bodies removed")
    except (ConfigError, OSError) as error:
        raise typer.BadParameter(str(error)) from error


@campaign_app.command(epilog="Example: seg-ml intel campaign nearest mail.eml")
def nearest(file: Annotated[Path, typer.Argument(help="A message file.")], store: Store = DEFAULT_STORE) -> None:
    """Say which confirmed body a message is nearest to. Exits with 1 where there is none."""
    try:
        found = CampaignStore(store).nearest(parse(file.read_bytes()).text)
    except (ConfigError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    if found is None:
        typer.echo("no confirmed body is near")
        raise typer.Exit(1)
    typer.echo(f"{found.share:.0%} of the wording of {found.name!r}, confirmed {found.added}")


def digest_command(
    files: Annotated[list[Path], typer.Argument(help="Files that were confirmed bad.")],
    name: Annotated[str | None, typer.Option(help="Name to write beside the digests; the file's name without.")] = None,
) -> None:
    """Print TLSH digests, a line for a list of known bad files each (`>> similar.txt`)."""
    try:
        for file in files:
            digest = tlsh(file.read_bytes())
            typer.echo(f"{digest} {name or file.name}" if digest else f"# {file.name}: too small, large or uniform")
    except OSError as error:
        raise typer.BadParameter(str(error)) from error
