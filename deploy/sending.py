"""Held-out messages as a stranger's server would send them."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiosmtplib
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from stack import ROOT

_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Mail:
    """A message of the test split, its lines ended as SMTP wants them."""

    raw: bytes
    label: str
    kind: str
    reverse_path: str


@dataclass(frozen=True)
class Sent:
    """What the gateway answered."""

    mail: Mail
    code: int
    text: str
    milliseconds: float

    @property
    def sha256(self) -> str:
        """Hash of the message as it went over the wire."""
        return hashlib.sha256(self.mail.raw).hexdigest()


def held_out(count: int) -> list[Mail]:
    """Messages of the test split as they were fetched, every header in place, kinds in proportion, order fixed."""
    splits = pd.read_parquet(ROOT / "data/prepared/splits.parquet")
    about = pd.read_parquet(ROOT / "data/prepared/messages.parquet", columns=["sha256", "reverse_path"])
    test = splits[splits["split"] == "test"].merge(about, on="sha256")
    raw = pd.concat([pd.read_parquet(path) for path in sorted((ROOT / "data/raw").glob("*.parquet"))])
    frame = test.merge(raw[["sha256", "label", "kind", "raw"]], on="sha256").sort_values("sha256")
    chosen = frame.iloc[np.linspace(0, len(frame) - 1, min(count, len(frame))).astype(int)]
    return [
        Mail(
            _wire(row.raw),
            row.label,
            row.kind,
            row.reverse_path if isinstance(row.reverse_path, str) else "sender@example.net",
        )
        for row in chosen.itertuples()
    ]


def _wire(raw: bytes) -> bytes:
    """Line ends as RFC 5321 §2.3.8 wants them, no NUL, no mbox separator."""
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    return _LINE_END.sub(b"\r\n", raw.replace(b"\0", b" ")).rstrip(b"\r\n") + b"\r\n"


def send_all(mail: list[Mail], host: str, port: int, connections: int, console: Console) -> list[Sent]:
    """Send over a fixed number of connections; every message gets an answer or a reason."""
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("messages", total=len(mail))
        return asyncio.run(_send(mail, host, port, connections, lambda: bar.advance(task)))


async def _send(mail: list[Mail], host: str, port: int, connections: int, done: Callable[[], None]) -> list[Sent]:
    queue = list(reversed(mail))
    results: list[Sent] = []

    async def worker() -> None:
        client = aiosmtplib.SMTP(
            hostname=host, port=port, timeout=180, start_tls=False, local_hostname="mail.sender.example"
        )
        while queue:
            results.append(await _one(client, queue.pop()))
            done()
        if client.is_connected:
            await client.quit()

    await asyncio.gather(*(worker() for _ in range(connections)))
    return results


async def _one(client: aiosmtplib.SMTP, mail: Mail) -> Sent:
    """One transaction on a connection that is kept; code 0 where the connection broke, which is no answer."""
    start = time.perf_counter()
    try:
        if not client.is_connected:
            await client.connect()
        await client.mail(_ascii(mail.reverse_path))
        await client.rcpt("someone@demo.example")
        response = await client.data(mail.raw)
        code, text = response.code, response.message
    except aiosmtplib.SMTPResponseException as error:
        code, text = error.code, error.message
        if client.is_connected:
            await client.rset()
    except (aiosmtplib.SMTPException, OSError) as error:
        code, text = 0, f"{type(error).__name__}: {error}"
        client.close()
    return Sent(mail, code, text, (time.perf_counter() - start) * 1000.0)


def _ascii(address: str) -> str:
    """A reverse-path that needs no SMTPUTF8; old mail carries some that are no addresses at all."""
    return address if re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", address) else ""
