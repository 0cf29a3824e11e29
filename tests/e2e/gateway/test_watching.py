"""Health, metrics and the log: what an administrator sees, and what nobody may read there."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gateway.smtp.sink import Sink
from gateway.testing import FakeService, House, Talk, house

HAM = b"From: ann@sender.example\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"


async def ask(running: House, request: bytes) -> tuple[str, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.gateway.http_port)
    writer.write(request + b"\r\n\r\n")
    answer = (await asyncio.wait_for(reader.read(), 30)).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return head[9:12], body


def test_health_and_metrics(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as running:
            assert (await running.send(HAM))[:3] == "250"
            assert await ask(running, b"GET /healthz HTTP/1.1") == ("200", "ok\n")
            status, body = await ask(running, b"GET /readyz HTTP/1.1")
            assert status == "200" and body == "storage ok\nscoring ok\ndownstream ok\ndatabase ok\n"
            status, body = await ask(running, b"GET /metrics HTTP/1.1")
            assert status == "200" and 'seg_messages_total{outcome="delivered",rule="clean"} 1.0' in body
            assert 'seg_replies_total{code="250"} 1.0' in body and "sender.example" not in body
            for request, code in (
                (b"GET /x HTTP/1.1", "404"),
                (b"POST /metrics HTTP/1.1", "405"),
                (b"nonsense", "405"),
            ):
                assert (await ask(running, request))[0] == code
            assert await ask(running, b"GET /" + b"x" * 20_000) == ("", "")

    asyncio.run(scenario())


@pytest.mark.parametrize(("part", "status"), [("downstream", "503"), ("database", "503"), ("scoring", "200")])
def test_readiness_names_what_is_down(tmp_path: Path, part: str, status: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, scoring={"breaker_failures": 1}) as running:
            if part == "downstream":
                await running.sink.stop()
            elif part == "database":
                with running.gateway.store.database.engine.begin() as connection:
                    connection.exec_driver_sql("ALTER TABLE trace RENAME TO elsewhere")
            else:
                running.service.fault = "500"
                await running.send(HAM)
            found, body = await ask(running, b"GET /readyz HTTP/1.1")
            assert found == status and [line for line in body.splitlines() if "down" in line.split()] == [
                f"{part} down"
            ]

    asyncio.run(scenario())


def test_the_log_is_json_and_holds_nothing_personal(tmp_path: Path) -> None:
    """Addresses, subject, body and file names of a message never appear, whatever becomes of it."""
    secrets = ("ann", "bob", "noon", "minutes", "invoice", "pills", "evil", "client.example")
    raw = b"From: Ann <ann@sender.example>\r\nTo: bob@house.example\r\nSubject: Minutes%s\r\n\r\nnoon %s\r\n"

    async def scenario() -> list[dict[str, object]]:
        service, sink = FakeService(), Sink()
        settings = {
            "smtp": {"listen": ["127.0.0.1:0"], "hostname": "mx.house.example", "greet_pause": 0},
            "relay": {"domains": ["house.example"]},
            "downstream": {"inbound": {"port": await sink.start(), "tls": "none"}},
            "scoring": {"url": f"http://127.0.0.1:{await service.start()}"},
            "authentication": {"enabled": False},
            "store": {"folder": str(tmp_path / "store"), "minimum_free": 0},
            "workers": {"processes": 1},
            "log": {"level": "debug"},
            "http": {"listen": ""},
        }
        config = tmp_path / "gateway.yaml"
        config.write_text(yaml.safe_dump(settings))
        command = [sys.executable, "-m", "gateway.cli", "run", "--config", str(config)]
        process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
        assert process.stderr is not None
        lines = [await asyncio.wait_for(process.stderr.readline(), 60)]
        while b'"started"' not in lines[-1]:
            lines.append(await asyncio.wait_for(process.stderr.readline(), 60))
        port = int(json.loads(lines[-1])["addresses"][0].rpartition(":")[2])
        talk = await Talk.open(port)
        for line in ("VRFY bob", "MAIL FROM:<ann>", "EVIL\x01bob", "RCPT TO:<bob@elsewhere.example>"):
            await talk.say(line)
        await talk.say("RSET")
        for subject, body in ((b"", b""), (b"", b"cheap pills"), (b"\r\n\tevil", b"\0"), (b"\xff", b"x" * 2000)):
            await talk.send(raw % (subject, body))
        talk.close()
        process.terminate()
        rest = await asyncio.wait_for(process.stderr.read(), 60)
        assert await process.wait() == 0
        await service.stop()
        await sink.stop()
        return [json.loads(line) for line in [*lines, *rest.splitlines()]]

    events = asyncio.run(scenario())
    assert [event["event"] for event in events].count("message") == 4
    keys = {"queue_id", "message_id_hash", "dispositions", "rules", "model_version", "milliseconds", "reply"}
    for event in events:
        text = json.dumps(event).lower()
        assert not [word for word in secrets if word in text], event
        assert event["event"] != "message" or keys <= event.keys()
