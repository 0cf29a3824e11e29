"""`seg-gateway quarantine list|show|release|delete`."""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated

import typer
from rich.table import Table

from gateway.cli.common import ConfigOption, LimitOption, console, explained, moment, store_of
from gateway.store import quarantine
from gateway.store.tables import HoldState

app = typer.Typer(help="Messages that are held.", no_args_is_help=True)
HoldArgument = Annotated[str, typer.Argument(help="The id, or the beginning of it.")]
HoldArguments = Annotated[list[str], typer.Argument(help="Ids, or the beginnings of them.")]


@app.command("list")
def list_rows(
    config: ConfigOption = None,
    state: Annotated[
        HoldState | None, typer.Option(help="Only this state; by default all that are still held.")
    ] = None,
    rule: Annotated[str, typer.Option(help="Only what this row of the policy holds, such as `undecided`.")] = "",
    limit: LimitOption = 100,
) -> None:
    """Show what is held, newest first.

    Example: [bold]seg-gateway quarantine list --rule undecided --limit 20[/]
    """
    listed = partial(quarantine.list_holds, state=state, rule=rule, limit=limit)
    with explained(), store_of(config) as store:
        rows = store.database.read_now(listed)
    table = Table("id", "held since", "state", "sender", "recipient", "rule", "label", "size")
    for row in rows:
        sender = "<>" if row.reverse_path == "" else str(row.reverse_path)
        since, size = moment(row.created_at), str(row.size)
        table.add_row(row.id, since, row.state, sender, row.recipient, row.rule, row.label or "", size)
    console.print(table)


@app.command("show")
def show(
    hold_id: HoldArgument,
    config: ConfigOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="Write the message itself to standard output.")] = False,
) -> None:
    """Show one held message: who, why, what was found.

    Example: [bold]seg-gateway quarantine show 3f2a --raw > held.eml[/]
    """
    with explained(), store_of(config) as store:
        row = store.database.read_now(lambda connection: quarantine.get_hold(connection, hold_id))
        if raw:
            typer.get_binary_stream("stdout").write(store.blobs.get(row.sha256))
            return
    table = Table("", row.id, show_lines=False)
    for name, value in row._mapping.items():
        shown = moment(value) if name in ("created_at", "changed_at") else value
        if name not in ("id", "key", "headers") and shown not in (None, "", []):
            table.add_row(name, json.dumps(shown, indent=1) if isinstance(shown, list) else str(shown))
    console.print(table)


@app.command("release")
def release(hold_ids: HoldArguments, config: ConfigOption = None) -> None:
    """Send held messages on. The running gateway does it, and tries until the next hop takes them.

    Example: [bold]seg-gateway quarantine release 3f2a 91bc[/]
    """
    with explained(), store_of(config) as store:
        for hold_id in hold_ids:
            done = store.database.write_now(partial(quarantine.release, hold_id=hold_id))
            console.print(f"{done}: released; the outbox sends it")


@app.command("delete")
def delete(hold_ids: HoldArguments, config: ConfigOption = None) -> None:
    """Give held messages up for good.

    Example: [bold]seg-gateway quarantine delete 3f2a[/]
    """
    with explained(), store_of(config) as store:
        for hold_id in hold_ids:
            done = store.database.write_now(partial(quarantine.remove, hold_id=hold_id))
            console.print(f"{done}: deleted")
