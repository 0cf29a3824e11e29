"""The gateway without its model beside SpamAssassin's local rules, over the same messages in the same run.

    python benchmarks/fallback_peers.py [--limit 100]

Left, what the shipped policy makes of the signatures' findings (its rows `unscored`): held or refused, deferred,
delivered. Right, SpamAssassin with local tests alone (`spamd -L`, Debian's `spamd` and `spamc`), at its own threshold
of 5; where it is not installed its column says so. Neither asks the network, and neither learned from these messages;
SpamAssassin's rules were weighed on mail of the age of its own corpus. Below, the cost of the signatures.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from gateway.policy.evaluate import Policy
from gateway.policy.loader import load_policy
from gateway.policy.table import Case, Direction
from gateway.scoring.fallback import scan
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.verdict import WANTED, Disposition
from seg_ml.evaluation.markdown import share, table_markdown
from seg_ml.evaluation.signature_hits import Place
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.training.signatures import messages

STOPPED = frozenset({Disposition.QUARANTINE, Disposition.REJECT})
SPAMD_SECONDS = 60


def chosen(limit: int) -> Iterator[tuple[Place, bytes]]:
    """So many messages of each corpus and label, spread evenly over it."""
    sizes = Counter(place for place, _ in messages())
    seen: Counter[Place] = Counter()
    for place, raw in messages():
        step = max(1, sizes[place] // limit) if limit else 1
        if seen[place] % step == 0 and (not limit or seen[place] // step < limit):
            yield place, raw
        seen[place] += 1


class Fallback:
    """Signatures and the policy's rows for what no model judged."""

    def __init__(self) -> None:
        self._engine = SignatureEngine.from_ids()
        self._policy: Policy = load_policy(None)
        self.seconds: list[float] = []
        self.by_signature: Counter[str] = Counter()

    def judge(self, raw: bytes) -> Disposition:
        """What becomes of a message."""
        seen, message, request = scan(raw), parse(raw), stored_request(raw)
        started = time.perf_counter()
        findings = self._engine.inspect(request, message, lambda i, spent: self.by_signature.update({i: spent}))
        self.seconds.append(time.perf_counter() - started)
        case = Case(
            direction=Direction.INBOUND,
            verdict=None,
            findings=findings,
            authentication=request.authentication,
            plain=seen.plain,
            unscannable=seen.unscannable,
        )
        return self._policy.decide(case, "house.example").disposition


@contextlib.contextmanager
def spamassassin() -> Iterator[int | None]:
    """The port of a daemon of our own, `None` where it is not installed."""
    program = shutil.which("spamd") or ("/usr/sbin/spamd" if Path("/usr/sbin/spamd").exists() else None)
    if program is None or shutil.which("spamc") is None:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        command = [program, "-L", "-x", "-i", "127.0.0.1", "-p", str(port), "-m", "2", "-u", "nobody", "-s", "null"]
        with subprocess.Popen([*command, "-H", home], stderr=subprocess.DEVNULL) as daemon:
            try:
                _await(port)
                yield port
            finally:
                daemon.terminate()


def _await(port: int) -> None:
    give_up = time.monotonic() + SPAMD_SECONDS
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise TimeoutError("spamd did not start")


def is_spam(raw: bytes, port: int) -> bool:
    """What SpamAssassin says; `spamc -c` exits with 1 for spam."""
    command = ["spamc", "-c", "-x", "-d", "127.0.0.1", "-p", str(port), "-s", str(10**8), "-t", "120"]
    done = subprocess.run(command, input=raw, capture_output=True)
    if done.returncode > 1:
        raise RuntimeError(f"spamc exited with {done.returncode}: {done.stderr.decode()}")
    return done.returncode == 1


def print_costs(fallback: Fallback) -> None:
    cuts = [1000 * cut for cut in quantiles(fallback.seconds, n=100)]
    print(f"signatures, milliseconds by the clock: median {cuts[49]:.2f}, p95 {cuts[94]:.2f}, p99 {cuts[98]:.2f}")
    mean = {i: 1000 * spent / len(fallback.seconds) for i, spent in fallback.by_signature.most_common(5)}
    print("dearest five, mean milliseconds: " + ", ".join(f"{i} {spent:.3f}" for i, spent in mean.items()))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=100, help="messages per corpus and label; 0 takes all")
    limit = parser.parse_args().limit
    fallback, ours, theirs = Fallback(), Counter[tuple[Place, str]](), Counter[Place]()
    totals: Counter[Place] = Counter()
    peer_seconds: list[float] = []
    with spamassassin() as port:
        for place, raw in chosen(limit):
            totals[place] += 1
            disposition = fallback.judge(raw)
            ours[place, "stopped" if disposition in STOPPED else disposition.value] += 1
            if port is not None:
                started = time.perf_counter()
                theirs[place] += is_spam(raw, port)
                peer_seconds.append(time.perf_counter() - started)
    if not totals:
        print("no messages in data/raw or $SEG_CORPORA_DIR", file=sys.stderr)
        return 2
    wanted = {label.value for label in WANTED}
    header = ["corpus", "label", "messages", "stopped", "deferred", "delivered", "SpamAssassin -L says spam"]
    rows = []
    for place in sorted(totals, key=lambda place: (place.label not in wanted, place)):
        counts = [ours[place, "stopped"], ours[place, "defer"], ours[place, "deliver"] + ours[place, "tag"]]
        peer = share(theirs[place] / totals[place]) if peer_seconds else "not installed"
        rows.append([*place, str(totals[place]), *(share(count / totals[place]) for count in counts), peer])
    print(table_markdown(header, rows))
    print_costs(fallback)
    if peer_seconds:
        cuts = [1000 * cut for cut in quantiles(peer_seconds, n=100)]
        print(f"SpamAssassin, milliseconds by the clock: median {cuts[49]:.0f}, p95 {cuts[94]:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
