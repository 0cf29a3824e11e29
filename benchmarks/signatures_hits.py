"""Hits and cost of every signature over the corpora at hand: `data/raw`, and the archives of `$SEG_CORPORA_DIR`.

    python benchmarks/signatures_hits.py [--limit 300]

The table shows, per signature and severity, the share of each corpus that it hits (the stage `signatures` writes the
same); below it, what breaks the bound on wanted mail, the processor's time per message without parsing, and the
dearest five signatures by the clock.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from statistics import quantiles
from time import process_time

from seg_ml.corpora.requests import stored_request
from seg_ml.evaluation.signature_hits import Tally, beyond_bound, hits_markdown
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.training.signatures import messages

COST_BOUND_MS = 5.0


def measure(limit: int) -> tuple[Tally, list[float], Counter[str]]:
    """Hits, processor seconds per message, and seconds per signature in all."""
    engine, tally, seconds = SignatureEngine.from_ids(), Tally(), []
    by_signature: Counter[str] = Counter()
    for place, raw in messages():
        if limit and tally.messages[place] >= limit:
            continue
        request, message = stored_request(raw), parse(raw)
        started = process_time()
        findings = engine.inspect(request, message, lambda i, spent: by_signature.update({i: spent}))
        seconds.append(process_time() - started)
        tally.add(place, findings)
    return tally, seconds, by_signature


def print_costs(seconds: list[float], by_signature: Counter[str]) -> float:
    """The median in milliseconds."""
    cuts = [1000 * cut for cut in quantiles(seconds, n=100)]
    shares = f"median {cuts[49]:.2f}, p95 {cuts[94]:.2f}, p99 {cuts[98]:.2f}"
    print(f"processor milliseconds: {shares}, {len(seconds)} messages")
    dearest = ", ".join(f"{i} {1000 * spent / len(seconds):.3f}" for i, spent in by_signature.most_common(5))
    print(f"dearest five, mean milliseconds by the clock: {dearest}")
    return cuts[49]


def main() -> int:
    """Command line; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=0, help="messages per corpus and label; 0 reads all")
    tally, seconds, by_signature = measure(parser.parse_args().limit)
    if len(seconds) < 2:
        print("no messages in data/raw or $SEG_CORPORA_DIR", file=sys.stderr)
        return 2
    table = tally.table()
    print(hits_markdown(table, tally.messages))
    median = print_costs(seconds, by_signature)
    kept = beyond_bound(table).empty and median < COST_BOUND_MS
    print(f"bounds (median below {COST_BOUND_MS} ms): {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
