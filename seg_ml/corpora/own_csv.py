"""Messages from a CSV file: whole ones in a column, or built from subject and body."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from seg_ml.domain.errors import CorpusError

RAW_COLUMNS = ("raw", "message", "email")
BODY_COLUMNS = ("body", "text")
_HEADER_COLUMNS = {"from": "From", "sender": "From", "to": "To", "date": "Date", "reply_to": "Reply-To"}
_FIELD_CHARACTERS = 64 * 1024 * 1024


def read_csv(path: Path) -> Iterator[tuple[str, str | None, bytes]]:
    """Row name, value of the column `label` (`None` without one) and message of every row, in order.

    Raises:
        CorpusError: there is no column to take a message from, or a row is empty.
    """
    # surrogateescape: bytes that are no UTF-8 come out of a `raw` column as they went in.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        csv.field_size_limit(_FIELD_CHARACTERS)
        reader = csv.DictReader(stream)
        columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        for number, row in enumerate(reader, start=2):
            values = {name: (row[column] or "").strip("\0") for name, column in columns.items()}
            yield f"{path.name}:{number}", values.get("label"), _message(path, number, values)


def _message(path: Path, number: int, values: Mapping[str, str]) -> bytes:
    raw = next((values[name] for name in RAW_COLUMNS if name in values), None)
    body = next((values[name] for name in BODY_COLUMNS if name in values), None)
    if raw is None and body is None:
        wanted = f"{'/'.join(RAW_COLUMNS)}, or subject and {'/'.join(BODY_COLUMNS)}"
        raise CorpusError(f"{path} has columns {', '.join(sorted(values))}: one of {wanted} is needed")
    content = raw.encode("utf-8", "surrogateescape") if raw is not None else _built(values, body or "")
    if not (raw or body or values.get("subject")):
        raise CorpusError(f"{path}: row {number} is empty: remove it")
    return content


def _built(values: Mapping[str, str], body: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _one_line(values.get("subject", ""))
    for column, name in _HEADER_COLUMNS.items():
        if values.get(column) and name not in message:
            message[name] = _one_line(values[column])
    subtype = "html" if body.lstrip()[:100].lower().startswith(("<html", "<!doctype html", "<body")) else "plain"
    message.set_content(_clean(body), subtype=subtype, cte="base64")
    return bytes(message)


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
