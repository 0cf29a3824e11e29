"""`seg-gateway check-config`."""

from __future__ import annotations

from rich.table import Table

from gateway.cli.common import ConfigOption, console, explained, settings_of
from gateway.parts import check_known
from gateway.policy.evaluate import Policy
from gateway.policy.loader import DEFAULT, load_policy
from gateway.policy.table import Direction
from gateway.settings import Settings
from gateway.smtp.guard import users_of
from gateway.smtp.server import listeners, server_tls, split_address
from seg_ml.signatures.engine import SignatureEngine


def check_config(config: ConfigOption = None) -> None:
    """Check settings and policy without starting anything; name the wrong key, or show what holds.

    Example: [bold]seg-gateway check-config --config /etc/seg/gateway.yaml[/]
    """
    with explained():
        settings = settings_of(config)
        policy = load_policy(settings.policy)
        listeners(settings.smtp)
        if settings.http.listen:
            split_address(settings.http.listen)
        server_tls(settings.smtp)
        users_of(settings)
        SignatureEngine.from_ids(settings.scoring.signatures, check_known(settings))
    _show(settings, policy)


def _show(settings: Settings, policy: Policy) -> None:
    for direction in Direction:
        table = Table("rule", "then", title=f"{direction.value} ({settings.policy or DEFAULT})", title_justify="left")
        for row in policy.rows(direction):
            table.add_row(row.id, row.then.value)
        console.print(table)
    if not settings.relay.domains:
        console.print("[yellow]note[/]: relay.domains is empty, so mail is taken from relay.trusted_networks only")
    console.print("[green]ok[/]: settings and policy are sound")
