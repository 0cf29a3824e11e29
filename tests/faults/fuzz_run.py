"""Hostile bytes over the whole receive path: nothing raises, nothing takes long, nothing goes unrecorded.

`one_input` is everything that the gateway itself does to a message, in one process. Inputs are made by mutating a
few messages; `atheris_run.py` searches for them by coverage instead. `--wire N` sends N of them through a running
gateway and counts its rows.

Example: python tests/faults/fuzz_run.py --inputs 100000 --wire 2000
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import sys
import tempfile
import time
from pathlib import Path

from gateway.authentication.fields import author_domain, block_end, fields
from gateway.authentication.signatures import key_names, verify
from gateway.scoring.fallback import scan
from gateway.smtp import headers, stamps
from gateway.smtp.addresses import BadPath, parse_path
from gateway.smtp.client import _stuff
from gateway.smtp.data import Decoder
from gateway.smtp.introduction import parse_attributes
from gateway.testing import Talk, house

OURS = "mx.house.example"
SEEDS = (
    b"From: Ann <ann@sender.example>\r\nTo: b@c.example\r\nSubject: =?utf-8?q?Min=C3=BCtes?=\r\n\r\nbody\r\n..\r\n",
    b"Received: by a\r\nX-SEG-Verdict: deliver\r\nAuthentication-Results: mx.house.example; spf=pass\r\n\r\n.\r\n",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA\r\nFrom: a@a.example\r\n\r\nx\r\n",
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href=x>\r\n--b--',
    b"ARC-Seal: i=1; a=rsa-sha256; d=a.example; s=s; cv=none; b=AA\r\nFrom: a@b\r\n c\r\n\r\n",
    b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nRnJvbTogYQ0KDQo=\r\n",
)
SPICE = (
    *(b"\r\n", b"\n", b"\r", b"\0", b"\r\n.\r\n", b"\r\n..", b"\r\n.", b" \r\n\t", b"\r\n" * 500),
    *(b":", b";", b'"', b"(", b"\\", b"<", b">", b"@", b"--b", b"=?x?b?", b"=3D=\r\n", b"\xff\xfe", b"\xf0\x9f"),
    *(b"From: ", b"Content-Type: ", b"multipart/", b"boundary=", b"base64", b"X-SEG-Tag: a\r\n"),
    *(b"A" * 5000, b"(" * 3000),
)


def mutated(chance: random.Random) -> bytes:
    """A message that was handled roughly."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(0, 12)):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            data[place:place] = chance.choice(SPICE)
        elif kind == 1:
            del data[place : place + chance.randrange(1, 40)]
        elif kind == 2:
            data[place:place] = chance.choice(SEEDS)
        elif kind == 3:
            data[place:place] = data[: chance.randrange(200)] * chance.randrange(1, 5)
        elif place < len(data):
            data[place] = chance.randrange(256)
    return bytes(data)


def one_input(data: bytes) -> None:
    """Everything that happens to one message before and after the model, and its envelope."""
    file = io.BytesIO()
    decoder = Decoder(file, 1_000_000)
    stream = data + b"\r\n.\r\n"
    cut = len(data) // 3
    rest = decoder.feed(stream[:cut])
    rest = decoder.feed(stream[cut:]) if rest is None else rest
    raw = file.getvalue() if not decoder.problem else data
    stripped = headers.strip_ours(raw, OURS)
    kept = stripped[: block_end(stripped)]
    assert decoder.problem or all(not name.startswith(b"x-seg-") for name, _, _ in fields(kept))
    (
        headers.count_received(raw),
        headers.has_token(raw, stamps.loop_token(OURS, "inbound")),
        headers.message_id_hash(raw),
    )
    author_domain(raw)
    verify(raw, dict.fromkeys(key_names(raw), b"v=DKIM1; p="))
    scan(raw)
    if not decoder.problem:
        again = io.BytesIO()
        assert Decoder(again, 10**7).feed(_stuff(raw) + b".\r\n") == b""
        assert again.getvalue() == (raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n")
    line = data[:400].decode("utf-8", "surrogateescape")
    parse_attributes(line)
    for keyword in ("FROM:", "TO:"):
        try:
            parse_path(keyword + line, keyword)
        except BadPath:
            continue


def in_process(count: int, seed: int) -> float:
    """So many inputs; returns the longest one's seconds."""
    chance = random.Random(seed)
    longest = 0.0
    for number in range(count):
        data = mutated(chance)
        started = time.perf_counter()
        try:
            one_input(data)
        except Exception:
            print(f"input {number} of seed {seed}: {data!r}", file=sys.stderr)
            raise
        longest = max(longest, time.perf_counter() - started)
    return longest


def without_end(data: bytes) -> bytes:
    """The bytes without anything that ends DATA: what follows would be commands."""
    while b"\r\n.\r\n" in data:
        data = data.replace(b"\r\n.\r\n", b"\r\n")
    return data.strip(b".")


async def over_the_wire(count: int, seed: int, folder: Path) -> dict[str, float]:
    """So many messages through a running gateway: answers and rows."""
    chance = random.Random(seed)
    answered = unanswered = 0
    longest = 0.0
    async with house(folder) as running:
        talk = await Talk.open(running.port)
        for number in range(count):
            if number and number % 500 == 0:
                talk.close()
                talk = await Talk.open(running.port)
            data = without_end(mutated(chance))
            started = time.perf_counter()
            await talk.envelope()
            talk.write(data + b"\r\n.\r\n")
            reply = await talk.reply()
            longest = max(longest, time.perf_counter() - started)
            answered += reply[:1] in "245"
            unanswered += reply[:1] not in "245"
        rows = running.trace(limit=10 * count)
    return {
        "messages": count,
        "answered": answered,
        "without an answer": unanswered,
        "unrecorded": count - len({row.queue_id for row in rows}),
        "rows left pending": sum(row.outcome == "pending" for row in rows),
        "longest seconds": round(longest, 2),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--wire", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    longest = in_process(options.inputs, options.seed)
    print(f"{options.inputs} inputs in process, longest {longest:.2f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, value in asyncio.run(over_the_wire(options.wire, options.seed, Path(folder))).items():
            print(f"{value:8} {name}")


if __name__ == "__main__":
    main()
