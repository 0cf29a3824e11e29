"""What the gateway knows beyond a message: indicators that are replaced under it, and the mail that went before."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.smtp.memory import Traces, exchanges
from gateway.store.records import Copy
from gateway.store.tables import Outcome
from gateway.testing import House, house
from seg_ml.domain.verdict import Decision, Disposition
from seg_ml.signatures.intel_store import Indicator, Kind, Mute
from seg_ml.signatures.intel_writer import IntelWriter


def mail(sender: str, subject: str = "hello", body: str = "body", extra: str = "", number: int = 1) -> bytes:
    head = f"From: Ann <{sender}>\r\nTo: bob@house.example\r\nSubject: {subject}\r\nMessage-ID: <m{number}@{sender.partition('@')[2]}>\r\n"
    return (head + extra + f"\r\n{body}\r\n").encode()


async def found(running: House, raw: bytes, recipients: tuple[str, ...] = ("bob@house.example",)) -> set[str]:
    """Send it, again where nobody was free to look; ids of findings in the trace."""
    for _ in range(5):
        reply = await running.send(raw, recipients)
        if reply.startswith("250"):
            break
    assert reply.startswith("250"), reply
    return {item["signature"] for item in running.trace()[0].findings}


async def test_indicators_are_asked_for_and_replaced_while_it_runs(tmp_path: Path) -> None:
    store = tmp_path / "store.intel"
    with IntelWriter(store) as writer:
        writer.add([Indicator(Kind.DOMAIN, "first.example", "a", "2026-01-01", "2026-01-01", "9999-12-31")])
    async with house(tmp_path / "g", intel={"store": store}) as running:
        links = {name: mail("ann@sender.example", body=f"see http://{name}.example/x") for name in ("first", "second")}

        async def known(name: str) -> bool:
            return "known-indicator" in await found(running, links[name])

        assert (await known("first"), await known("second")) == (True, False)
        with IntelWriter(store) as writer:
            writer.add([Indicator(Kind.DOMAIN, "second.example", "a", "2026-01-01", "2026-01-01", "9999-12-31")])
            writer.mute(Mute(Kind.DOMAIN, "first.example", "ours", "9999-12-31"))
        for _ in range(200):
            if await known("second"):
                break
        assert (await known("first"), await known("second")) == (False, True)


async def test_delivered_and_outgoing_mail_is_remembered(tmp_path: Path) -> None:
    sections = {
        "correspondence": {"enabled": True, "learning_days": 0},
        "relay": {"trusted_networks": ["127.0.0.0/8"]},
    }
    store = tmp_path / "correspondence.db"
    async with house(tmp_path, **sections) as running:
        memory = running.gateway._memory
        assert memory is not None
        noted = memory._writer._connection

        async def threads(count: int) -> None:
            await running.until(
                lambda: noted.execute("select count(distinct message) from thread").fetchone()[0] == count
            )

        assert "first-contact" not in await found(running, mail("ann@partner.example"))
        await threads(1)
        assert "first-contact" not in await found(running, mail("ann@partner.example", number=2))
        await threads(2)
        assert "first-contact" in await found(running, mail("eve@partmer.example", number=3))
        await threads(3)
        reply = "In-Reply-To: <m2@partner.example>\r\n"
        hijack = await found(running, mail("eve@partner.test", "Re: hello", extra=reply, number=4))
        assert "thread-hijack" in hijack
        assert "thread-hijack" not in await found(
            running, mail("ann@partner.example", "Re: hello", extra=reply, number=5)
        )
    content = store.read_bytes()
    assert b"partner" not in content and b"bob" not in content


def test_whom_our_users_wrote_to_is_remembered_and_a_forged_author_is_not() -> None:
    deliver = Decision(Disposition.DELIVER, "x")
    copies = [
        Copy("carl@far.example", "outbound", deliver, Outcome.DELIVERED),
        Copy("bob@house.example", "inbound", deliver, Outcome.DELIVERED),
    ]
    sent = exchanges(Traces("bob@house.example", "<1@house.example>", (), True), copies)
    assert [(item.domain, item.peers, item.sent) for item in sent] == [
        ("house.example", ("bob@house.example",), False),
        ("house.example", ("carl@far.example",), True),
    ]
    assert exchanges(Traces("ann@partner.example", "<1@x>", (), False), copies[1:]) == []


async def test_the_house_its_people_and_rules_of_its_own(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "rules: [{id: the-blue-offer, description: blue things, severity: low, "
        "when: {field: subject, contains: [blue offer]}}]"
    )
    people = [{"name": "Martha Lindqvist", "addresses": ["martha@house.example"]}]
    signatures = {"organization": {"domains": ["house.example"], "people": people}, "rule_files": [str(rules)]}
    async with house(tmp_path / "g", signatures=signatures) as running:
        raw = mail("who@free.example", "a blue offer").replace(b"From: Ann", b"From: Martha Lindqvist")
        assert {"vip-impersonation", "own-rule"} <= await found(running, raw)
        assert not {"vip-impersonation", "own-rule"} & await found(running, mail("ann@free.example", number=2))


async def test_what_waits_is_remembered_before_the_gateway_ends(tmp_path: Path) -> None:
    async with house(tmp_path, correspondence={"enabled": True, "learning_days": 0}) as running:
        for number in range(3):
            await found(running, mail("ann@partner.example", number=number))
    with sqlite3.connect(tmp_path / "correspondence.db") as store:
        assert store.execute("select count(distinct message) from thread").fetchone() == (3,)
