"""Mail through a running gateway: what the sender hears, what arrives, what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from gateway.store import quarantine
from gateway.testing import House, house

HAM = (
    b"From: Ann <ann@sender.example>\r\nTo: bob@house.example\r\nSubject: Minutes\r\n"
    b"Message-ID: <1@sender.example>\r\n\r\nSee you at noon.\r\n"
)
SPAM = HAM.replace(b"noon", b"cheap pills")
BOB, EVE = "bob@house.example", "eve@second.example"
TWO_WAYS = """
inbound:
  - {id: clean, then: deliver}
outbound:
  - {id: clean, then: deliver}
domains:
  second.example:
    inbound:
      - {id: hold-all, then: %s}
"""


def run(tmp_path: Path, scenario: Callable[[House], Awaitable[None]], **sections: Any) -> None:
    async def inside() -> None:
        async with house(tmp_path, **sections) as running:
            await scenario(running)

    asyncio.run(inside())


async def send(
    running: House, raw: bytes, recipients: list[str] | None = None, sender: str = "ann@sender.example"
) -> tuple[int, str]:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=running.port, start_tls=False)
    async with client:
        try:
            _, text = await client.sendmail(sender, recipients or [BOB], raw)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return refused.recipients[0].code, refused.recipients[0].message
        except aiosmtplib.SMTPResponseException as refused:
            return refused.code, refused.message
        return 250, text


def test_clean_mail_arrives_untouched_behind_our_fields(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        forged = b"X-SEG-Verdict: deliver; forged\r\nAuthentication-Results: mx.house.example; dkim=pass\r\n"
        assert (await send(running, forged + HAM))[0] == 250
        (raw,) = running.sink.raw
        ours, _, rest = raw.partition(b"From: Ann")
        assert b"From: Ann" + rest == HAM
        assert ours.startswith(b"X-SEG-Verdict: deliver; model=seg-mail/1; trace=")
        assert b"forged" not in ours and b"\r\nAuthentication-Results: mx.house.example;\r\n\tnone\r\n" in ours
        assert b"\r\nReceived: from " in ours and b"0.01" not in ours
        (row,) = running.trace()
        assert (row.outcome, row.rule, row.label, row.reply[:3]) == ("delivered", "clean", "ham", "250")
        # The model judged what the sender sent, nothing that we added.
        assert running.service.requests[0].raw == forged + HAM
        assert running.service.requests[0].envelope.forward_paths == (BOB,)

    run(tmp_path, scenario)


def test_spam_is_held_and_can_be_released(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        assert (await send(running, SPAM))[0] == 250
        (held,) = running.held()
        assert (running.sink.messages, held.state, held.rule) == (0, "final", "spam")
        database = running.gateway.store.database
        await database.write(lambda c: quarantine.release(c, held.id))
        await running.until(lambda: running.sink.messages == 1)
        assert running.sink.raw[0].endswith(SPAM)
        assert running.sink.raw[0].startswith(b"X-SEG-Verdict: quarantine;")
        assert running.sink.envelopes == [("ann@sender.example", (BOB,))]
        await running.until(lambda: not running.held())

    run(tmp_path, scenario)


def test_a_retry_of_held_mail_is_held_once(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        for _ in range(3):
            assert (await send(running, SPAM))[0] == 250
        assert len(running.held()) == 1
        assert [row.outcome for row in running.trace()] == ["quarantined"] * 3

    run(tmp_path, scenario)


@pytest.mark.parametrize(("then", "reply"), [("quarantine", 250), ("reject", 250), ("defer", 451)])
def test_recipients_may_differ(tmp_path: Path, then: str, reply: int) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(TWO_WAYS % then)

    async def scenario(running: House) -> None:
        assert (await send(running, HAM, [BOB, EVE]))[0] == reply
        outcomes = {row.recipient: row.outcome for row in running.trace()}
        if reply == 250:
            assert outcomes == {BOB: "delivered", EVE: "quarantined"}
            assert running.sink.envelopes == [("ann@sender.example", (BOB,))]
            assert [held.recipient for held in running.held()] == [EVE]
        else:
            assert outcomes == {BOB: "deferred", EVE: "deferred"}
            assert running.sink.messages == 0 and running.held() == []

    run(tmp_path, scenario, policy={"path": policy})


def test_each_recipient_hears_its_own_server(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        running.sink.refusals = {"gone@house.example": "550 5.1.1 No such user", "full@house.example": "452 4.2.2 Full"}
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=running.port, start_tls=False)
        async with client:
            recipients = [BOB, "gone@house.example", "full@house.example"]
            refused, _ = await client.sendmail("ann@sender.example", recipients, HAM)
        assert {address: reply.code for address, reply in refused.items()} == {
            "gone@house.example": 550,
            "full@house.example": 452,
        }
        assert running.sink.envelopes == [("ann@sender.example", (BOB,))]
        assert [row.recipient for row in running.trace()] == [BOB]

    run(tmp_path, scenario)


def test_no_open_relay(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        for address in (
            "x@elsewhere.example",
            "x%elsewhere.example@house.example",
            "elsewhere.example!x@house.example",
        ):
            assert (await send(running, HAM, [address]))[0] == 550
        assert running.sink.messages == 0

    run(tmp_path, scenario)


def test_odd_mail_gets_an_answer_and_a_row(tmp_path: Path) -> None:
    many = [f"user{number}@house.example" for number in range(500)]
    odd: list[tuple[bytes, list[str], str]] = [
        (b"\r\n", [BOB], "ann@sender.example"),
        (b"", [BOB], "ann@sender.example"),
        (b"no header at all\r\n", [BOB], "ann@sender.example"),
        (b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\n--y', [BOB], "ann@sender.example"),
        (b"Subject: =?x-none?b?//8=?=\r\nContent-Type: text/plain; charset=nothing\r\n\r\n\xff\xfe\r\n", [BOB], ""),
        (HAM, many, ""),
        (HAM + b"x" * 5000 + b"\r\n", [BOB], ""),
        (b"A: " + b"b" * 20_000_000 + b"\r\n\r\n", [BOB], ""),
        (HAM + b"0123456789abcdef\r\n" * 1_150_000, [BOB], ""),
    ]

    async def scenario(running: House) -> None:
        for raw, recipients, sender in odd:
            before = len(running.trace(limit=5000))
            code, text = await send(running, raw, recipients, sender)
            assert code == 250, text
            assert len(running.trace(limit=5000)) == before + len(recipients)
        assert {row.outcome for row in running.trace(limit=5000)} <= {"delivered", "quarantined"}

    run(tmp_path, scenario, scoring={"deadline": 20})
