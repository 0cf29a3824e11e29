"""A setting, a command or an option that docs and --help do not mention fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from gateway.cli import app
from gateway.settings import MxSettings, NextHop, Section, Settings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "gateway.md").read_text()


def keys() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            yield from (f"`{name}.{key}`" for key in section.model_fields)
        else:
            yield f"`{name}`"
    yield from (f"`{key}`" for key in NextHop.model_fields)
    yield from (f"`downstream.mx.{key}`" for key in MxSettings.model_fields)


def test_tests_that_the_page_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 40
    for path, function in named:
        assert f"def {function}(" in (ROOT / path).read_text(), f"{path}::{function}"


@pytest.mark.parametrize("key", list(keys()))
def test_settings_are_documented(key: str) -> None:
    assert key in PAGE


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    children = getattr(group, "commands", {})
    for name, child in children.items():
        yield from commands(child, (*path, name))
    if not children:
        yield " ".join(path), group


@pytest.mark.parametrize(("name", "command"), list(commands(typer.main.get_command(app))), ids=lambda v: str(v)[:40])
def test_commands_have_an_example(name: str, command: click.Command) -> None:
    assert f"seg-gateway {name}" in PAGE
    assert f"seg-gateway {name}" in (command.help or ""), f"{name}: its help has no example"
    for option in command.params:
        assert getattr(option, "help", None), f"{name}: {option.name} has no help"
