"""AUTH: over TLS alone, in order, a few guesses a minute; then mail leaves, and without it none does."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from gateway.authentication.users import Hash
from gateway.testing import House, Talk, house
from gateway.testing_tls import Authority

HAM = b"From: ann@house.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
AWAY = "RCPT TO:<x@elsewhere.example>"
TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


GOOD, WRONG = b64("\0ann\0secret"), b64("\0ann\0guess")


def run(tmp_path: Path, scenario: Callable[[House], Awaitable[None]], **sections: Any) -> None:
    path = tmp_path / "users"
    path.write_text(f"ann:{Hash.of('secret')}\n")
    identity = Authority().identity("mx.house.example")
    identity.context(tmp_path)
    pem = next(tmp_path.glob("*.pem"))

    async def inside() -> None:
        smtp = {"tls_certificate": pem, "tls_key": pem} | sections.pop("smtp", {})
        submission = {"users": path, "senders": {"ann": ["ann@house.example"]}} | sections.pop("submission", {})
        async with house(tmp_path / "store", smtp=smtp, submission=submission, **sections) as running:
            running.gateway._hops._settings = running.gateway._hops._settings.model_copy(
                update={"outbound": running.gateway.settings.downstream.inbound}
            )
            await scenario(running)

    asyncio.run(inside())


async def secured(running: House) -> Talk:
    talk = await Talk.open(running.port)
    assert (await talk.say("STARTTLS"))[:3] == "220"
    await talk.writer.start_tls(TRUSTING)
    assert "AUTH PLAIN LOGIN" in await talk.say("EHLO client.example")
    return talk


def test_a_user_sends_anywhere_and_nobody_else_does(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await secured(running)
        await talk.say("MAIL FROM:<ann@house.example>")
        assert (await talk.say(AWAY)).startswith("550 5.7.1")
        await talk.say("RSET")
        assert (await talk.say(f"AUTH PLAIN {GOOD}"))[:3] == "235"
        assert "AUTH" not in await talk.say("EHLO client.example")
        assert (await talk.say("MAIL FROM:<ann@house.example> AUTH=<>"))[:3] == "250"
        assert (await talk.say(AWAY))[:3] == "250"
        assert (await talk.say("DATA"))[:3] == "354"
        talk.write(HAM + b".\r\n")
        assert (await talk.reply())[:3] == "250"
        (row,) = running.trace()
        assert (row.direction, row.outcome) == ("outbound", "delivered")
        assert b"with ESMTPSA id" in running.sink.raw[0]
        assert running.service.requests[0].envelope.authenticated_as == "ann"

    run(tmp_path, scenario)


@pytest.mark.parametrize("mechanism", ["plain", "login"])
def test_an_ordinary_client(tmp_path: Path, mechanism: str) -> None:
    async def scenario(running: House) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=running.port, start_tls=True, tls_context=TRUSTING)
        async with client:
            await getattr(client, f"auth_{mechanism}")("ann", "secret")
            refused, _ = await client.sendmail("ann@house.example", ["x@elsewhere.example"], HAM)
            assert not refused and running.sink.messages == 1

    run(tmp_path, scenario)


def test_order(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await Talk.open(running.port)
        assert "AUTH" not in await talk.say("EHLO client.example")
        assert (await talk.say(f"AUTH PLAIN {GOOD}")).startswith("538 5.7.11")
        await talk.say("MAIL FROM:<ann@house.example>")
        assert (await talk.say(AWAY)).startswith("550 5.7.1")
        talk = await secured(running)
        await talk.say("MAIL FROM:<ann@house.example>")
        assert (await talk.say(f"AUTH PLAIN {GOOD}")).startswith("503")
        await talk.say("RSET")
        assert (await talk.say("AUTH LOGIN"))[:3] == "334"
        assert (await talk.say("*")).startswith("501 5.0.0")
        assert (await talk.say("AUTH PLAIN"))[:3] == "334"
        assert (await talk.say(GOOD))[:3] == "235"
        assert (await talk.say(f"AUTH PLAIN {GOOD}")).startswith("503")
        talk = await secured(running)
        talk.write(f"AUTH PLAIN {GOOD}\r\n{AWAY}\r\n".encode())
        assert (await talk.reply()).startswith("554 5.5.1") and await talk.ended()

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("", "504"),
        ("GSSAPI", "504"),
        ("CRAM-MD5", "504"),
        ("PLAIN !", "501"),
        ("PLAIN =", "501"),
        (f"PLAIN {b64('ann')}", "501"),
        (f"PLAIN {b64('root' + chr(0) + 'ann' + chr(0) + 'secret')}", "501"),
        (f"PLAIN {base64.b64encode(bytes((255, 0, 255, 0, 255))).decode()}", "501"),
        (f"PLAIN {WRONG}", "535"),
        (f"PLAIN {b64(chr(0) + 'eve' + chr(0) + 'secret')}", "535"),
        (f"PLAIN {b64(chr(0) + chr(0))}", "535"),
    ],
)
def test_what_proves_nothing(tmp_path: Path, argument: str, code: str) -> None:
    async def scenario(running: House) -> None:
        talk = await secured(running)
        assert (await talk.say(f"AUTH {argument}".rstrip()))[:3] == code
        await talk.say("MAIL FROM:<ann@house.example>")
        assert (await talk.say(AWAY)).startswith("550 5.7.1")

    run(tmp_path, scenario)


def test_guesses_are_few(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        codes = [(await (await secured(running)).say(f"AUTH PLAIN {WRONG}"))[:3] for _ in range(4)]
        assert codes == ["535", "535", "454", "454"]
        assert (await (await secured(running)).say(f"AUTH PLAIN {GOOD}"))[:3] == "454"

    run(tmp_path, scenario, submission={"failures_per_minute": 2})


def test_each_user_has_a_rate(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        for expected in ("250", "250", "451"):
            talk = await secured(running)  # a new connection is no new rate
            assert (await talk.say(f"AUTH PLAIN {GOOD}"))[:3] == "235"
            assert (await talk.say("MAIL FROM:<ann@house.example>"))[:3] == expected

    run(tmp_path, scenario, admission={"login_messages_per_minute": 2})


def test_a_file_that_breaks_is_a_temporary_failure(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        (tmp_path / "users").write_text("nonsense\n")
        talk = await secured(running)
        assert (await talk.say(f"AUTH PLAIN {GOOD}")).startswith("454 4.7.0")
        assert (await running.send(HAM))[:3] == "250"

    run(tmp_path, scenario)


def test_silence_within_auth_ends_the_connection(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await secured(running)
        assert (await talk.say("AUTH LOGIN"))[:3] == "334"
        assert (await talk.reply()).startswith("421 4.4.2") and await talk.ended()

    run(tmp_path, scenario, smtp={"command_timeout": 0.5})


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("ann@house.example", "250"),
        ("ANN@House.Example", "250"),
        ("ann+list@house.example", "250"),
        ("", "250"),
        ("anna@house.example", "553"),
        ("bob@house.example", "553"),
        ("ann@elsewhere.example", "553"),
    ],
)
def test_whose_reverse_path(tmp_path: Path, path: str, code: str) -> None:
    async def scenario(running: House) -> None:
        talk = await secured(running)
        assert (await talk.say(f"AUTH PLAIN {GOOD}"))[:3] == "235"
        reply = await talk.say(f"MAIL FROM:<{path}>")
        assert reply[:3] == code and (code == "250" or reply.startswith("553 5.7.1"))

    run(tmp_path, scenario)


def test_an_author_of_somebody_else_is_refused_and_recorded(tmp_path: Path) -> None:
    async def scenario(running: House) -> None:
        talk = await secured(running)
        assert (await talk.say(f"AUTH PLAIN {GOOD}"))[:3] == "235"
        for path in ("ann@house.example", ""):
            for line in (f"MAIL FROM:<{path}>", AWAY):
                assert (await talk.say(line))[:3] == "250"
            assert (await talk.say("DATA"))[:3] == "354"
            talk.write(b"From: ann@house.example, bob@house.example\r\n\r\nx\r\n.\r\n")
            assert (await talk.reply()).startswith("550 5.7.1")
        assert [(row.rule, row.outcome) for row in running.trace()] == [("submission-author", "rejected")] * 2
        assert not running.sink.messages
        assert (await running.send(HAM.replace(b"ann@", b"bob@")))[:3] == "250"  # others are not bound

    run(tmp_path, scenario)
