"""`seg-gateway trace list|show`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from gateway.cli.common import ConfigOption, LimitOption, console, errors, explained, moment, store_of
from gateway.store import tracing

app = typer.Typer(help="What became of messages, one row per recipient.", no_args_is_help=True)
COLUMNS = ("received", "queue id", "sender", "recipient", "outcome", "rule")


@app.command("list")
def list_rows(
    config: ConfigOption = None,
    recipient: Annotated[str | None, typer.Option(help="Part of the recipient's address.")] = None,
    sender: Annotated[str | None, typer.Option(help="Part of the sender's address.")] = None,
    outcome: Annotated[str | None, typer.Option(help="delivered, quarantined, rejected, deferred, ...")] = None,
    limit: LimitOption = 50,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a row.")] = False,
) -> None:
    """Show the newest rows.

    Example: [bold]seg-gateway trace list --recipient @example.org --outcome quarantined[/]
    """
    filters: dict[str, Any] = {"recipient": recipient, "sender": sender, "outcome": outcome, "limit": limit}
    with explained(), store_of(config) as store:
        rows = store.database.read_now(lambda connection: tracing.list_trace(connection, **filters))
    if jsonl:
        for row in rows:
            typer.echo(json.dumps(dict(row._mapping)))
        return
    table = Table(*(Column(name, overflow="fold") for name in COLUMNS))
    for row in rows:
        sender_shown = "<>" if row.reverse_path == "" else row.reverse_path
        known = (row.queue_id, sender_shown, row.recipient, row.outcome, row.rule)
        table.add_row(moment(row.received_at), *(str(value or "") for value in known))
    console.print(table)


@app.command("show")
def show(
    queue_id: Annotated[str, typer.Argument(help="As in X-SEG-Verdict and in the reply to the sender.")],
    config: ConfigOption = None,
) -> None:
    """Show everything that is known of one message.

    Example: [bold]seg-gateway trace show 0199AE3C4D21F00DBEEF[/]
    """
    with explained(), store_of(config) as store:
        rows = store.database.read_now(lambda connection: tracing.get_trace(connection, queue_id))
    if not rows:
        errors.print(f"no message {queue_id!r} in the trace")
        raise typer.Exit(1)
    for row in rows:
        table = Table("", row.recipient, title=row.queue_id, title_justify="left", show_lines=False)
        for name, value in row._mapping.items():
            shown = moment(value) if name in ("received_at", "finished_at") else value
            if name not in ("queue_id", "recipient") and shown not in (None, "", [], {}):
                table.add_row(name, json.dumps(shown, indent=1) if isinstance(shown, (dict, list)) else str(shown))
        console.print(table)
