"""Reads `policy.yaml`. Whatever it does not know is an error that names the row and the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from gateway.policy.evaluate import Policy
from gateway.policy.table import Direction, Row, Undecided, When
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import Disposition, Label, Severity

DEFAULT = Path(__file__).with_name("default.yaml")
REPLIES = {
    Disposition.REJECT: "550 5.7.1 Message refused by policy",
    Disposition.DEFER: "451 4.7.1 Message cannot be examined now, try again later",
}
_REPLY = re.compile(r"([45])\d\d \1\.\d{1,3}\.\d{1,3} [\x20-\x7e]{1,400}")
_METHODS = ("spf", "dkim", "dmarc", "dmarc_policy", "arc", "iprev")
E = TypeVar("E", Disposition, Label)
_CONDITIONS = (
    "threat_probability",
    "undecided",
    "label",
    "findings",
    "min_severity",
    "max_severity",
    "authentication",
)
_FLAGS = ("unscored", "unscannable", "plain", "authenticated")


def load_policy(path: Path | None = None) -> Policy:
    """The policy of this file, or the one that ships with the gateway.

    Raises:
        ConfigError: the file cannot be read, or a row is wrong; the message names both.
    """
    path = path or DEFAULT
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        return parse_policy(data)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_policy(data: Any) -> Policy:
    """The policy of a parsed YAML document.

    Raises:
        ConfigError: a key or value is wrong.
    """
    data = _mapping(data, "the file", {"inbound", "outbound", "domains"})
    tables = {direction: _rows(data.get(direction.value), direction.value) for direction in Direction}
    for direction, rows in tables.items():
        if not rows or rows[-1].when != When():
            raise ConfigError(f"{direction.value}: the last row must have no `when`, so that every message meets a row")
    domains = _mapping(data.get("domains") or {}, "domains", None)
    overrides = {
        (domain.lower(), direction): _rows(table[direction.value], f"domains.{domain}.{direction.value}")
        for domain, value in domains.items()
        for table in [_mapping(value, f"domains.{domain}", {"inbound", "outbound"})]
        for direction in Direction
        if direction.value in table
    }
    return Policy(tables, overrides)


def _rows(data: Any, where: str) -> tuple[Row, ...]:
    if not isinstance(data, list):
        raise ConfigError(f"{where}: must be a list of rows")
    rows = tuple(_row(item, f"{where}[{number}]") for number, item in enumerate(data, 1))
    ids = [row.id for row in rows]
    twice = [row_id for row_id in ids if ids.count(row_id) > 1]
    if twice:
        raise ConfigError(f"{where}: id {twice[0]!r} stands twice")
    return rows


def _row(data: Any, where: str) -> Row:
    data = _mapping(data, where, {"id", "when", "then", "reply"})
    row_id = data.get("id")
    if not isinstance(row_id, str) or not re.fullmatch(r"[a-z0-9-]{1,60}", row_id):
        raise ConfigError(f"{where}.id: must be words in lower case with hyphens")
    where = f"{where} ({row_id})"
    then = _one_of(Disposition, data.get("then"), f"{where}.then")
    reply = data.get("reply", REPLIES.get(then, ""))
    _check_reply(then, reply, where)
    return Row(row_id, _when(data.get("when") or {}, f"{where}.when"), then, reply)


def _check_reply(then: Disposition, reply: Any, where: str) -> None:
    if then not in REPLIES:
        if reply:
            raise ConfigError(f"{where}.reply: only `reject` and `defer` have one")
        return
    digit = "5" if then is Disposition.REJECT else "4"
    if not isinstance(reply, str) or not _REPLY.fullmatch(reply) or reply[0] != digit:
        raise ConfigError(f"{where}.reply: must read like {REPLIES[then]!r}")


def _when(data: Any, where: str) -> When:
    data = _mapping(data, where, {*_CONDITIONS, *_FLAGS})
    flags = {key: _flag(data[key], f"{where}.{key}") for key in _FLAGS if key in data}
    authentication = _mapping(data.get("authentication") or {}, f"{where}.authentication", set(_METHODS))
    return When(
        threat_probability=_probability(data.get("threat_probability"), f"{where}.threat_probability"),
        undecided=_undecided(data.get("undecided"), f"{where}.undecided"),
        labels=frozenset(_one_of(Label, item, f"{where}.label") for item in _listed(data.get("label"))),
        findings=frozenset(str(item) for item in _listed(data.get("findings"))),
        min_severity=_severity(data.get("min_severity"), f"{where}.min_severity"),
        max_severity=_severity(data.get("max_severity"), f"{where}.max_severity"),
        authentication={key: frozenset(str(item) for item in _listed(value)) for key, value in authentication.items()},
        **flags,
    )


def _mapping(data: Any, where: str, keys: set[str] | None) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise ConfigError(f"{where}: must be a mapping")
    unknown = [str(key) for key in data if keys is not None and key not in keys]
    if unknown:
        raise ConfigError(f"{where}.{unknown[0]}: unknown key; known are: {', '.join(sorted(keys or ()))}")
    return data


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: must be true or false")
    return value


def _probability(value: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ConfigError(f"{where}: must be a number from 0 to 1")
    return float(value)


def _undecided(value: Any, where: str) -> Undecided | None:
    if value is None:
        return None
    value = _mapping(value, where, {"from", "below"})
    low, high = (_probability(value.get(key), f"{where}.{key}") for key in ("from", "below"))
    if low is None or high is None or low >= high:
        raise ConfigError(f"{where}: needs `from` and `below`, the first the smaller")
    return Undecided(low, high)


def _severity(value: Any, where: str) -> Severity | None:
    if value is None:
        return None
    try:
        return Severity[str(value).upper()]
    except KeyError:
        raise ConfigError(f"{where}: must be one of: {', '.join(s.name.lower() for s in Severity)}") from None


def _one_of(kind: type[E], value: Any, where: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise ConfigError(f"{where}: must be one of: {', '.join(item.value for item in kind)}") from None
