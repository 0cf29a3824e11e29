"""What a look-up in a large intelligence store costs, and what building it takes.

    python benchmarks/intel_lookup.py --indicators 10000000 [--store /tmp/bench.intel] [--lookups 20000]

Half the indicators are domains, half URLs. Each look-up is one `IntelStore.find`, timed by itself, of values in random
order: cold first (the file's pages are dropped from the page cache where the system lets us), then warm.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from seg_ml.signatures.intel_store import Indicator, IntelStore, Kind
from seg_ml.signatures.intel_writer import IntelWriter


def indicator(number: int) -> Indicator:
    """The indicator of a number."""
    kind, value = named(number)
    return Indicator(kind, value, "bench", "2026-01-01", "2026-02-01", "9999-12-31")


def named(number: int) -> tuple[Kind, str]:
    name = f"host-{number:x}.bad-{number % 9973}.example"
    return (Kind.DOMAIN, name) if number % 2 else (Kind.URL, f"http://{name}/{number:x}/login")


def build(path: Path, count: int) -> None:
    started = time.perf_counter()
    with IntelWriter(path) as writer:
        writer.add(map(indicator, range(count)))
    spent = time.perf_counter() - started
    size = path.stat().st_size / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"built {count:,} in {spent:.0f} s, peak memory {peak:.0f} MiB, {size:.0f} MiB on disk")


def forget_pages(path: Path) -> None:
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def timed(store: IntelStore, values: Iterator[tuple[Kind, str]], hit: bool) -> list[float]:
    spent = []
    for kind, value in values:
        started = time.perf_counter()
        found = store.find(kind, value)
        spent.append(1e6 * (time.perf_counter() - started))
        assert bool(found) is hit, (kind, value)
    return spent


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--indicators", type=int, default=10_000_000)
    parser.add_argument("--store", type=Path, help="keep the store here, or use the one that is")
    parser.add_argument("--lookups", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.store or Path(folder) / "bench.intel"
        if not path.exists():
            build(path, options.indicators)
        chance = random.Random(1)
        hits = [chance.randrange(options.indicators) for _ in range(options.lookups)]
        forget_pages(path)
        started = time.perf_counter()
        store = IntelStore(path)
        print(f"opened in {1000 * (time.perf_counter() - started):.1f} ms")
        for state in ("cold", "warm"):
            for name, numbers in (("hit", hits), ("miss", [-1 - number for number in hits])):
                spent = timed(store, map(named, numbers), name == "hit")
                cuts = quantiles(spent, n=100)
                print(f"{state} {name}: median {median(spent):.1f}, p95 {cuts[94]:.1f}, p99 {cuts[98]:.1f} us")
        print(f"memory mapped and used: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
