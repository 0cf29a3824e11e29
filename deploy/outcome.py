"""What became of each kind of mail, as a table a person can take in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sending import Sent
from stack import BIN

from seg_ml.domain.verdict import WANTED
from seg_ml.evaluation.intervals import wilson

_ORDER = ("deliver", "tag", "quarantine", "reject", "defer")
PROGRAM = BIN / "seg-gateway"
_STOPPED = frozenset({"quarantine", "reject"})


def print_outcome(console: Console, sent: Sequence[Sent], trace: Sequence[dict[str, Any]], folder: Path) -> int:
    """Print the tables; returns how many acknowledged messages have no record, which must be 0."""
    records = {row["sha256"]: row for row in trace}
    outcome = [(item, records.get(item.sha256)) for item in sent]
    console.print(_dispositions(outcome))
    console.print(_rates(outcome))
    console.print(_times(outcome))
    lost = sum(item.code == 250 and record is None for item, record in outcome)
    unanswered = sum(item.code == 0 for item in sent)
    console.print(f"acknowledged without a record: {lost}; without an answer: {unanswered}")
    versions = Counter(record["model_version"] for _, record in outcome if record)
    console.print(f"model version: {', '.join(f'{name} ({count})' for name, count in versions.most_common())}")
    config = folder / "gateway.yaml"
    console.print(f"quarantine:    {PROGRAM} quarantine list --config {config}", soft_wrap=True)
    console.print(f"trace:         {PROGRAM} trace list --config {config}", soft_wrap=True)
    console.print(f"delivered:     {folder / 'delivered'}", soft_wrap=True)
    console.print(
        f"MLflow:        make up, then the address that it prints; or {BIN / 'seg-ml'} models list", soft_wrap=True
    )
    return lost


def _dispositions(outcome: Sequence[tuple[Sent, dict[str, Any] | None]]) -> Table:
    groups: dict[tuple[str, str], Counter[str]] = {}
    for item, record in outcome:
        word = record["disposition"] if record else "refused"
        groups.setdefault((item.mail.label, item.mail.kind), Counter())[word] += 1
    happened = [word for word in (*_ORDER, "refused") if any(counts[word] for counts in groups.values())]
    table = Table(title="what happened to each kind of mail")
    for name in ("label", "kind", "sent", *happened):
        table.add_column(name, no_wrap=True)
    for (label, kind), counts in sorted(groups.items()):
        table.add_row(label, kind, str(counts.total()), *(str(counts[word] or "·") for word in happened))
    return table


def _rates(outcome: Sequence[tuple[Sent, dict[str, Any] | None]]) -> Table:
    table = Table("", "stopped", "of", "rate", "95 % interval", title="kept from the mailbox (quarantined or rejected)")
    for name, wanted in (("unwanted mail: recall", False), ("wanted mail: false positives", True)):
        group = [record for item, record in outcome if (item.mail.label in WANTED) is wanted]
        stopped = sum(record is not None and record["disposition"] in _STOPPED for record in group)
        if group:
            bounds = wilson(stopped, len(group))
            rate, interval = f"{stopped / len(group):.1%}", f"{bounds.low:.1%} – {bounds.high:.1%}"
            table.add_row(name, str(stopped), str(len(group)), rate, interval)
    return table


def _times(outcome: Sequence[tuple[Sent, dict[str, Any] | None]]) -> Table:
    table = Table("milliseconds a message", "p50", "p95", "max", title="time")
    values = [item.milliseconds for item, _ in outcome if item.code]
    if values:
        cells = (f"{np.percentile(values, share):.0f}" for share in (50, 95, 100))
        table.add_row("MAIL to answer, 16 connections at once", *cells)
    return table
