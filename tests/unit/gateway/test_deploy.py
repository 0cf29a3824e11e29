"""What is deployed names settings and programs that exist."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
import yaml

from gateway.settings import Settings, load_settings

DEPLOY = Path(__file__).parents[3] / "deploy"
CONFIGS = [DEPLOY / "gateway.yaml", *sorted((DEPLOY / "postfix").glob("*/gateway.yaml"))]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_settings_are_known(path: Path) -> None:
    assert load_settings(path).relay.domains == ["example.org"]


def test_compose_sets_known_variables() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in services["gateway"]["environment"]:
        if name.startswith("GATEWAY_"):
            section, key = name.removeprefix("GATEWAY_").lower().split("__")
            assert key in type(getattr(Settings(), section)).model_fields


def test_the_unit_stops_after_the_drain() -> None:
    unit = configparser.RawConfigParser(strict=False, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "systemd" / "seg-gateway.service")
    assert unit.getfloat("Service", "TimeoutStopSec") > Settings().smtp.drain_deadline
    assert unit.get("Service", "ExecStart").endswith("seg-gateway run --config /etc/seg-gateway/gateway.yaml")
