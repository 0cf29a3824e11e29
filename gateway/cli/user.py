"""`seg-gateway user`."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.authentication.users import Hash

NameArgument = Annotated[str, typer.Argument(help="Name to log in with.", metavar="NAME")]


def user(
    name: NameArgument,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Password; better typed in.")
    ],
) -> None:
    """Print a line for the file that `submission.users` names.

    Example: [bold]seg-gateway user ann@example.org >> /etc/seg/users[/]
    """
    typer.echo(f"{name}:{Hash.of(password)}")
