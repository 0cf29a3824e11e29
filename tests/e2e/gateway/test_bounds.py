"""What is bounded over the wire: sizes, connections, recipients, errors, memory, silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gateway.testing import House, Talk, house

ENVELOPE = "MAIL FROM:<ann@sender.example>\r\nRCPT TO:<bob@house.example>\r\n"
HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"


def run(tmp_path: Path, scenario: Callable[[House], Awaitable[None]], **sections: Any) -> None:
    async def inside() -> None:
        async with house(tmp_path, **sections) as running:
            await scenario(running)

    asyncio.run(inside())


def test_size_is_kept(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        await talk.envelope()
        talk.write(HAM + b"x" * 100_000 + b"\r\n.\r\n")
        assert (await talk.reply()).startswith("552 5.3.4")
        assert (await talk.say("NOOP"))[:3] == "250"
        assert [row.rule for row in running.trace()] == ["protocol-too-big"]

    run(tmp_path, scenario, smtp={"size_limit": 70_000})


def test_long_lines_and_empty_lines_are_only_bytes(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        for body in (b"x" * 5_000_000 + b"\r\n", b"\r\n" * 2_500_000, b".\r\n" * 200_000):
            talk = await Talk.open(running.port)
            await talk.envelope()
            talk.write(HAM + body.replace(b".\r\n", b"..\r\n") + b".\r\n")
            assert (await talk.reply())[:3] == "250"
            assert running.sink.raw.pop().endswith(HAM + body)

    run(tmp_path, scenario)


def test_connections_are_bounded(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talks = [await Talk.open(running.port) for _ in range(3)]
        reader, _ = await asyncio.open_connection("127.0.0.1", running.port)
        assert (await reader.readline()).startswith(b"421 4.7.0")
        assert (await talks[0].say("QUIT"))[:3] == "221"
        await running.until(lambda: running.gateway.metrics.connections._value.get() == 2)
        await Talk.open(running.port)

    run(tmp_path, scenario, smtp={"connections_per_client": 3})


def test_errors_recipients_and_messages_are_bounded(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        await talk.say("MAIL FROM:<a@b.example>")
        replies = [await talk.say(f"RCPT TO:<u{number}@house.example>") for number in range(101)]
        assert {reply[:3] for reply in replies[:100]} == {"250"} and replies[100].startswith("452 4.5.3")
        await talk.say("NONSENSE")
        await talk.say("NONSENSE")
        assert (await talk.reply()).startswith("421 4.7.0") and await talk.ended()
        talk = await Talk.open(running.port)
        await talk.envelope()
        talk.write(HAM + b".\r\n")
        assert (await talk.reply())[:3] == "250"
        assert (await talk.say("MAIL FROM:<a@b.example>")).startswith("421 4.7.0")

    limits = {"recipient_limit": 100, "errors_per_connection": 3, "messages_per_connection": 1}
    run(tmp_path, scenario, smtp=limits)


def test_memory_is_bounded(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        waiting = await Talk.open(running.port)
        waiting.write(b"MAIL FROM:<a@b.example> SIZE=20000000\r\nRCPT TO:<bob@house.example>\r\nDATA\r\n")
        assert [(await waiting.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        talk = await Talk.open(running.port)
        talk.write(ENVELOPE.encode())
        await talk.reply(), await talk.reply()
        assert (await talk.say("DATA")).startswith("421 4.3.2")

    run(tmp_path, scenario, smtp={"memory_limit": 80_500_000})


def test_memory_is_bounded_for_messages_that_hide_their_size(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        waiting = await Talk.open(running.port)
        waiting.write(b"MAIL FROM:<a@b.example> SIZE=15000000\r\nRCPT TO:<bob@house.example>\r\nDATA\r\n")
        assert [(await waiting.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        big = HAM + (b"x" * 998 + b"\r\n") * 5000
        assert (await running.send(big)).startswith("451 4.3.2")
        assert [row.rule for row in running.trace()] == ["protocol-memory"]
        waiting.close()
        await running.until(lambda: running.gateway._server._context.budget.used == 0)
        assert (await running.send(big))[:3] == "250"

    run(tmp_path, scenario, smtp={"memory_limit": 70_000_000})


def test_silence_ends_the_connection(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        talk.write(b"NO")
        assert (await talk.reply()).startswith("421 4.4.2") and await talk.ended()
        talk = await Talk.open(running.port)
        await talk.envelope()
        talk.write(HAM)
        assert (await talk.reply()).startswith("421 4.4.2") and await talk.ended()
        assert running.sink.messages == 0

    run(tmp_path, scenario, smtp={"command_timeout": 0.3, "data_timeout": 0.3})
