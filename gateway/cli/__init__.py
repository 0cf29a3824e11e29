"""`seg-gateway`: the administrator's command line."""

from __future__ import annotations

import typer

from gateway.cli import check, quarantine, run, sink, trace, user

app = typer.Typer(
    name="seg-gateway",
    help="Secure email gateway: takes mail, asks the model, and never loses a message.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("check-config")(check.check_config)
app.command("sink")(sink.sink)
app.command("user")(user.user)
app.add_typer(trace.app, name="trace")
app.add_typer(quarantine.app, name="quarantine")

__all__ = ["app"]
