"""What it costs to look for imitations in a day's newly seen domains, before mail comes from them.

    python benchmarks/discovery.py [--domains 1000000] [--seed 1]

Domains are made from words, numbers and endings in the proportions of zone files, a few of them imitations of the
bundled brands, and written to a temporary file that is read as `seg-ml intel discover` reads it. Printed are the
processor's seconds of one core and the peak memory of this process, how many of the imitations made were found, and
how many others were taken for one.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.discovery import imitations, names_in
from seg_ml.signatures.domains import registrable_label
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.settings import DEFAULT_SETTINGS

WORDS = (
    "able acre apple atlas autumn baker barn beach bell berry bird blue boat book bridge bright build cabin candle "
    "care cedar central chef city clean clear clinic cloud club coach coast coffee cook copper craft creek crown "
    "daily dance dawn deal dental design digital direct dog door dream drive earth east easy echo edge family farm "
    "fast field fire first fit flow food forest fox fresh garden gate glass global gold grand green grove group guide "
    "hair hand happy harbor health help hill home honey horse house idea island ivory jet joy key kids kitchen lab "
    "lake land laser law leaf life light line lion local loft lucky lunar magic map market master mind mint modern "
    "moon motor mountain music nest night north nova ocean olive online open orange paint paper park path peak pet "
    "photo pine pixel planet plus point prime pro pure quick rain real red river road rock roof rose royal safe sail "
    "salt school sea shop silver sky smart snow solar south spark sport spring star stone store studio style summer "
    "sun swift table tech tiger time tiny toy trade travel tree trend true urban valley vision vista wave web west "
    "white wild wind wine wolf wood work world yoga young zen"
).split()
ENDINGS = (
    ("com",) * 50 + ("net", "org", "de", "info") * 4 + ("shop", "xyz", "online", "top", "site", "store", "co.uk") * 3
)
IMITATIONS = 0.002
_PARTS = ("-", "", "", "")


def domains(count: int, seed: int) -> Iterator[tuple[str, bool]]:
    """(domain, whether it was made to imitate), the same ones for a seed."""
    chance = random.Random(seed)
    labels = sorted(
        {label for brand in brand_table(DEFAULT_SETTINGS).brands for label in map(registrable_label, brand.domains)}
    )
    long = [label for label in labels if len(label) >= 8 and label.isalpha()]
    lures = sorted(bundled("lure_words.txt"))
    for _ in range(count):
        imitates = chance.random() < IMITATIONS
        label = _imitation(chance, long, lures) if imitates else _honest(chance)
        yield f"{label}.{chance.choice(ENDINGS)}", imitates


def _honest(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.05:
        return "".join(chance.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(chance.randint(5, 16)))
    words = [chance.choice(WORDS) for _ in range(chance.choice((1, 2, 2, 2, 3)))]
    number = str(chance.randrange(1, 2030)) if kind > 0.85 else ""
    return chance.choice(_PARTS).join([*words, number] if number else words)


def _imitation(chance: random.Random, labels: list[str], lures: list[str]) -> str:
    """A label with a lure, or with two of its letters changed about."""
    label = chance.choice(labels)
    if chance.random() < 0.6:
        return f"{label}-{chance.choice(lures)}"
    at = chance.choice([at for at in range(1, len(label) - 1) if label[at] != label[at + 1]])
    return label[:at] + label[at + 1] + label[at] + label[at + 2 :]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    made: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "domains.txt"
        with path.open("w", encoding="utf-8") as file:
            for name, imitates in domains(options.domains, options.seed):
                file.write(name + "\n")
                made.update([name] if imitates else [])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started, found = time.process_time(), set[str]()
        with path.open(encoding="utf-8") as stream:
            found.update(item.host for item in imitations(names_in(stream)))
        spent = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.domains:,} domains in {spent:.1f} s of one core, {1e6 * spent / options.domains:.1f} us each")
    print(f"peak memory {peak:.0f} MiB, of which {before:.0f} MiB before the look")
    print(f"imitations made {len(made):,}, found {len(made & found):,}; others taken for one {len(found - made):,}")


if __name__ == "__main__":
    main()
