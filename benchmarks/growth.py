"""Whether the time to read a message grows with its length, whatever is repeated in it, or with more than that.

    python benchmarks/growth.py [--characters 20000] [--longest 20]

One thing is said again and again: in the body, in a header, in a place of HTML. Each message is read as the service
reads it (parsed, inspected by every signature of `params.yaml`, made into features, tokens and text), once with so many
characters and once with four times as many. Printed are the messages whose time grew most, and the one that took
longest; four is what they may grow by, hundredths of a second are noise. A message that takes longer than `--longest`
seconds is given up, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import yaml
from rich.console import Console
from rich.table import Table

from seg_ml.artifact.reading import Reader
from seg_ml.domain.envelope import ScoreRequest

REPEATED = (
    *"x1-_<>@,.:;([\"\\%$!'*|=#~+é一ü",
    "x ", "a.", "a,", "a-", "a_", "a@b.c,", "()", "::", "a=b;", "a*0=b;", "x\u200b", "&#x41;", "xn--", "re: ", "[a] ",
    "=?utf-8?q?x?= ", "=?utf-8?b?eHh4?=", "http://", "http://a.example/?u=http://", "www.", "<a ", "</a>", "<b>x",
    "<!--",
)  # fmt: skip
IN_BODIES = ("\n", "\t", "\n>", "\n-- ", "a b\n", "\nFrom:", "\nOn x wrote", "=\n")
HEADERS = (
    "Subject: {}", "From: {}", "Reply-To: {}", "To: {}", "Message-ID: {}", "Content-Type: text/plain; x={}", "Date: {}",
    "Content-Disposition: attachment; filename={}", "Received: {}", "Authentication-Results: {}", "DKIM-Signature: {}",
    "List-Unsubscribe: {}", "References: {}",
)  # fmt: skip
PLACES = (
    "{}", '<a href="{}">x</a>', '<div style="{}">x</div>', '<img src="{}">', "<{}>", '<p class="{}">y</p>', "<!--{}",
    "<script>{}</script>", "<style>{}</style>", '<a href="http://x.example/{}">http://y.example/{}</a>', "<svg>{}",
    '<form action="{}"><input type=password></form>', "<td{}>",
)  # fmt: skip
SHOWN, FACTOR, NOISE = 12, 4, 0.01


def messages(characters: int) -> Iterator[tuple[str, str, bytes]]:
    """(place, what is repeated, message), the same places in the same order for any length."""
    for what in (*REPEATED, *IN_BODIES):
        yield "body", what, f"From: a@b.example\nSubject: x\n\n{_again(what, characters)}\n".encode()
        yield "quoting body", what, f"From: a@b.example\n\n{_again(what, characters)}\n> quoted words\n".encode()
        for place in PLACES:
            head = "From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n"
            yield place, what, f"{head}{place.replace('{}', _again(what, characters))}\n".encode()
    for what in REPEATED:
        for header in HEADERS:
            author = "" if header.startswith("From") else "From: a@b.example\n"
            yield header, what, f"{header.format(_again(what, characters))}\n{author}\nhello there friend\n".encode()


def _again(what: str, characters: int) -> str:
    return what * (characters // len(what))


def seconds(reader: Reader, raw: bytes, longest: int) -> float:
    """Time to read, or `longest` where that was not enough."""
    signal.alarm(longest)
    begun = time.perf_counter()
    try:
        reader.read(ScoreRequest(raw))
    except TimeoutError:
        return float(longest)
    finally:
        signal.alarm(0)
    return time.perf_counter() - begun


def main() -> int:
    """Measure, and print the worst."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characters", type=int, default=20_000)
    parser.add_argument("--longest", type=int, default=20)
    arguments = parser.parse_args()
    signal.signal(signal.SIGALRM, _too_long)
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    reader = Reader.current(params["features"], params["signatures"])
    reader.read(ScoreRequest(b"From: a@b.example\n\nhello there friend\n"))
    grown = []
    pairs = zip(messages(arguments.characters), messages(FACTOR * arguments.characters), strict=True)
    for (place, what, short), (_, _, long) in pairs:
        first, second = (seconds(reader, raw, arguments.longest) for raw in (short, long))
        grown.append((second / max(first, NOISE), first, second, place, what))
    grown.sort(reverse=True)
    title = f"{len(grown)} messages of {arguments.characters} characters and of {FACTOR} times as many"
    table = Table("grown by", "seconds", "of the longer", "where", "what is repeated", title=title)
    for factor, first, second, place, what in grown[:SHOWN]:
        table.add_row(f"{factor:.1f}", f"{first:.3f}", f"{second:.3f}", place.replace("[", r"\["), repr(what))
    _, _, slowest, place, what = max(grown, key=lambda row: row[2])
    console = Console()
    console.print(table)
    console.print(f"longest: {slowest:.3f} s, {what!r} in {place}", markup=False, highlight=False)
    return int(slowest >= arguments.longest)


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    raise SystemExit(main())
