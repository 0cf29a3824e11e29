"""ClamAV asked by the gateway: a real clamd with a database of our own, and daemons that are not there or lie."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.scoring.breaker import Breaker
from gateway.scoring.clamav import FOUND_ID, UNREACHABLE_ID, ClamAv, ClamAvUnavailable, split_clamd
from gateway.testing import house
from gateway.testing_clamd import MARK, SAMPLE, clamd, client
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.verdict import Severity
from seg_ml.testing.mail import attached, zipped

NAME = "Test.Tulip.UNOFFICIAL"  # clamd adds that to what its makers did not sign
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with clamd(tmp_path_factory.mktemp("clamd")) as path:
        yield path


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (attached(SAMPLE), NAME),
        (attached(zipped(SAMPLE), "a.zip"), NAME),
        (attached(b"before " + MARK + b" after"), "Test.Mark.UNOFFICIAL"),
        (attached(b"nothing"), ""),
    ],
    ids=["attachment", "zip", "pattern", "clean"],
)
def test_the_daemon_names_what_it_knows(socket: Path, raw: bytes, name: str) -> None:
    assert asyncio.run(client(socket).ask(raw)) == name
    findings = asyncio.run(client(f"unix:{socket}").scan(raw))
    assert [(f.signature, f.severity, name in f.evidence) for f in findings] == (
        [(FOUND_ID, Severity.CRITICAL, True)] if name else []
    )


def test_beyond_the_daemon_s_limit_is_no_clean(socket: Path) -> None:
    with pytest.raises(ClamAvUnavailable, match=r"size limit exceeded|instead of an answer"):
        asyncio.run(client(socket).ask(attached(bytes(4 << 20))))


def test_many_at_once(socket: Path) -> None:
    async def scenario() -> list[str]:
        asked = client(socket)
        return await asyncio.gather(*(asked.ask(attached(SAMPLE if n % 2 else b"x" * n)) for n in range(40)))

    assert asyncio.run(scenario()) == ["", NAME] * 20


def outcome(tmp_path: Path, raw: bytes, **sections: Any) -> tuple[str, str, list[str], int]:
    async def scenario() -> tuple[str, str, list[str], int]:
        async with house(tmp_path, **sections) as running:
            reply = await running.send(raw)
            (row,) = running.trace()
            counted = running.gateway.metrics.clamav.labels
            said = {word: counted(word)._value.get() for word in ("found", "clean", "unreachable")}
            assert sum(said.values()) == 1
            named = [finding["signature"] for finding in row.findings or ()]
            assert reply[:3] == ("451" if row.outcome == "deferred" else "250")
            assert said["found"] == (FOUND_ID in named) and said["unreachable"] == (UNREACHABLE_ID in named)
            return row.outcome, row.rule, named, running.sink.messages

    return asyncio.run(scenario())


def test_a_hit_is_held_whatever_the_model_says(tmp_path: Path, socket: Path) -> None:
    found = outcome(tmp_path, attached(SAMPLE), clamav={"address": str(socket)})
    assert found == ("quarantined", "known-malicious", [FOUND_ID], 0)


def test_what_is_clean_is_delivered(tmp_path: Path, socket: Path) -> None:
    assert outcome(tmp_path, attached(b"x"), clamav={"address": str(socket)}) == ("delivered", "clean", [], 1)


def test_an_unreachable_daemon_is_recorded(tmp_path: Path) -> None:
    nobody = {"address": str(tmp_path / "nobody.sock")}
    assert outcome(tmp_path, attached(b"x"), clamav=nobody) == ("delivered", "clean", [UNREACHABLE_ID], 1)


def test_where_it_is_required_the_message_is_unscored(tmp_path: Path) -> None:
    nobody = {"address": str(tmp_path / "nobody.sock"), "required": True}
    found = outcome(tmp_path, attached(b"x"), clamav=nobody)
    assert (found[0], found[1], found[3]) == ("deferred", "unscored-rest", 0)
    tempfail = outcome(tmp_path / "b", attached(b"x"), clamav=nobody, scoring={"mode": "tempfail"})
    assert tempfail[:2] == ("deferred", "unscored-tempfail")


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n\0")
    await writer.drain()
    writer.close()


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"x" * 1000)
        await writer.drain()


async def gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize("answer", [silent, nonsense, endless, gone])
def test_a_daemon_that_does_not_answer_is_unavailable(tmp_path: Path, answer: Answer) -> None:
    async def scenario() -> str:
        server = await asyncio.start_unix_server(answer, tmp_path / "fake.sock")
        try:
            (finding,) = await client(tmp_path / "fake.sock", deadline=0.5).scan(attached(b"x" * 300_000))
            return finding.signature
        finally:
            server.close()

    assert asyncio.run(scenario()) == UNREACHABLE_ID


def test_the_breaker_spares_a_dead_daemon(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        asked = client(tmp_path / "nobody.sock", failures=2)
        return [(await asked.scan(b"x"))[0].evidence for _ in range(3)]

    assert asyncio.run(scenario()) == ["clamav: FileNotFoundError"] * 2 + ["clamav: the breaker is open"]


def test_addresses() -> None:
    assert split_clamd("/run/clamd.sock") == ("/run/clamd.sock", "", 0)
    assert split_clamd("[::1]:3310") == ("", "::1", 3310)
    with pytest.raises(ConfigError):
        ClamAv("nowhere", deadline=1, concurrency=1, breaker=Breaker(1, 1.0))
