"""How long a body takes to be held against many confirmed ones.

    python benchmarks/campaign_lookup.py --entries 100000

Half of the bodies asked about are near-duplicates of stored ones, half are strangers. Times are of the whole
look-up: words, MinHash, bands, SQLite, estimates.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from array import array
from pathlib import Path

from seg_ml.signatures.campaigns import CampaignStore, CampaignWriter
from seg_ml.signatures.minhash import BINS, bands, minhash

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = [f"w{a}{b}{c}" for a in LETTERS for b in LETTERS for c in LETTERS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--words", type=int, default=150)
    arguments = parser.parse_args()
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "campaigns.sqlite"
        bodies = [rng.choices(WORDS, k=arguments.words) for _ in range(arguments.queries)]
        with CampaignWriter(path) as writer:
            # Signatures of strangers are random numbers; only those asked about need a text.
            for number in range(arguments.entries - arguments.queries // 2):
                writer.add_signature(array("I", rng.choices(range(1 << 32), k=BINS)), f"filler {number}", "2026-01-01")
            for number, body in enumerate(bodies[::2]):
                writer.add(" ".join(body), f"campaign {number}", "2026-01-01")
        store = CampaignStore(path)
        whole, asked, found = [], [], 0
        for number, body in enumerate(bodies):
            body[3] = "changed"
            text = " ".join(body)
            started = time.perf_counter()
            likeness = store.nearest(text)
            whole.append(time.perf_counter() - started)
            found += likeness is not None and likeness.share >= 0.7 and number % 2 == 0
            signature = minhash(text)
            assert signature is not None
            started = time.perf_counter()
            store._connection().execute(
                f"SELECT id FROM bands WHERE band IN ({','.join('?' * 24)})", bands(signature)
            ).fetchall()
            asked.append(time.perf_counter() - started)
        size = path.stat().st_size
    print(f"{arguments.entries:,} bodies, {size / 1e6:.0f} MB; {found} of {len(bodies[::2])} near-duplicates found")
    for name, seconds in (("look-up", asked), ("whole", whole)):
        high = sorted(seconds)[len(seconds) * 95 // 100]
        print(f"{name}: median {statistics.median(seconds) * 1e3:.2f} ms, p95 {high * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
