"""The administrator's recipes in `deploy/postfix`, with a real Postfix of its own beside the gateway.

Postfix starts only for root; `.ci/run` installs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.settings import Settings
from gateway.smtp.sink import Sink
from gateway.testing import Talk, house

RECIPES = Path(__file__).parents[3] / "deploy" / "postfix"
POSTFIX = shutil.which("postfix", path="/usr/sbin:/usr/local/sbin") or "postfix"
HAM = b"From: ann@sender.example\r\nTo: bob@example.org\r\nSubject: Minutes\r\n\r\nSee you at noon.\r\n"
SPAM = HAM.replace(b"noon", b"cheap pills")
SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def recipe(name: str, file: str, ports: dict[str, int]) -> str:
    """A file of the recipe with its well-known ports replaced by free ones."""
    text = (RECIPES / name / file).read_text().replace("0.0.0.0:25", "127.0.0.1:25")
    for known, port in ports.items():
        text = text.replace(f":{known}\n", f":{port}\n").replace(f":{known} ", f":{port} ")
    return text


def prepare(main: str, master: str, final: int) -> Path:
    """A folder with the recipe's lines; mail for example.org ends at the port `final`."""
    folder = Path(tempfile.mkdtemp(prefix="seg-postfix-", dir="/tmp"))
    folder.chmod(0o755)
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    (folder / "etc" / "users").write_text("bob@example.org ok\n")
    base = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": "/tmp",
        "inet_protocols": "ipv4",
        "myhostname": "inside.example.org",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "smtp_tls_security_level": "none",
        "virtual_mailbox_domains": "example.org",
        "virtual_mailbox_maps": f"texthash:{folder}/etc/users",
        "virtual_transport": f"smtp:[127.0.0.1]:{final}",
        "disable_dns_lookups": "yes",
    }
    (folder / "etc" / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in base.items()) + main)
    (folder / "etc" / "master.cf").write_text(SERVICES + master)
    return folder


@contextlib.asynccontextmanager
async def postfix(main: str, master: str, final: int) -> AsyncIterator[None]:
    """A Postfix that runs."""
    folder = await asyncio.to_thread(prepare, main, master, final)
    await control(folder, "start")
    try:
        yield
    finally:
        await control(folder, "stop")
        shutil.rmtree(folder)


async def control(folder: Path, command: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run, [POSTFIX, "-c", str(folder / "etc"), command], capture_output=True, text=True
    )
    assert done.returncode == 0, (
        done.stderr + (folder / "log").read_text() if (folder / "log").exists() else done.stderr
    )


async def talk_to(port: int) -> Talk:
    for _ in range(200):
        with contextlib.suppress(OSError):
            return await Talk.open(port)
        await asyncio.sleep(0.05)
    raise TimeoutError(port)


def sections(name: str, **replaced: dict[str, Any]) -> dict[str, Any]:
    """The recipe's own gateway.yaml, with addresses of this test."""
    found = yaml.safe_load((RECIPES / name / "gateway.yaml").read_text())
    assert Settings(**found)
    found.pop("store"), found.pop("scoring")
    return {key: value | replaced.get(key, {}) for key, value in found.items()}


def test_root_runs_postfix() -> None:
    assert os.geteuid() == 0, "Postfix starts only for root"


@pytest.mark.parametrize("name", ["mx", "proxy-filter"])
def test_recipes_name_known_settings(name: str) -> None:
    assert sections(name)["relay"]["domains"] == ["example.org"]


def test_gateway_as_mx_before_postfix(tmp_path: Path) -> None:
    async def scenario() -> None:
        final, world = Sink(), Sink()
        final.remember = world.remember = True
        behind, back, submission = free_port(), free_port(), free_port()
        ports = {"10025": behind, "2526": back}
        hops = {
            "inbound": {"port": behind, "tls": "none"},
            "outbound": {"port": await world.start(), "tls": "none"},
        }
        smtp = {"listen": ["127.0.0.1:0", f"127.0.0.1:{back}"], "greet_pause": 0}
        master = recipe("mx", "master.cf", ports) + f"127.0.0.1:{submission} inet n - n - - smtpd\n"
        settings = sections("mx", smtp=smtp, downstream=hops)
        async with postfix(recipe("mx", "main.cf", ports), master, await final.start()):  # noqa: SIM117
            async with house(tmp_path, **settings) as running:
                talk = await talk_to(running.port)
                assert (await talk.send(HAM, ["bob@example.org"]))[:3] == "250"
                await running.until(lambda: final.messages == 1)
                assert final.raw[0].endswith(HAM) and b"\r\nX-SEG-Verdict: deliver;" in final.raw[0]
                # Postfix knows its recipients, and the sender hears it at RCPT.
                assert (await talk.send(HAM, ["nobody@example.org"])).startswith("550 5.1.1")
                out = await talk_to(submission)
                assert (await out.send(HAM, ["ann@elsewhere.example"]))[:3] == "250"
                await running.until(lambda: world.messages == 1)
                assert running.trace(recipient="ann@elsewhere.example")[0].direction == "outbound"

    asyncio.run(scenario())


def test_gateway_as_proxy_filter_of_postfix(tmp_path: Path) -> None:
    async def scenario() -> None:
        final = Sink()
        final.remember = True
        public, filtered, after = free_port(), free_port(), free_port()
        ports = {"25": public, "2525": filtered, "10025": after}
        hops = {"inbound": {"port": after, "tls": "none"}}
        smtp = {"listen": [f"127.0.0.1:{filtered}"]}
        main, master = recipe("proxy-filter", "main.cf", ports), recipe("proxy-filter", "master.cf", ports)
        async with postfix(main, master, await final.start()):  # noqa: SIM117
            async with house(tmp_path, **sections("proxy-filter", smtp=smtp, downstream=hops)) as running:
                talk = await talk_to(public)
                assert (await talk.send(HAM, ["bob@example.org"]))[:3] == "250"
                await running.until(lambda: final.messages == 1)
                assert b"X-SEG-Verdict: deliver;" in final.raw[0]
                (row,) = running.trace()
                assert (row.helo, row.outcome) == ("client.example", "delivered")
                assert (await talk.send(SPAM, ["bob@example.org"]))[:3] == "250"
                assert len(running.held()) == 1
                # What the gateway defers, Postfix defers: nothing is queued in between.
                await running.service.stop()
                linked = HAM + b"http://sender.example/\r\n"
                assert (await talk.send(linked, ["bob@example.org"])).startswith("451 4.7.1")
                assert final.messages == 1

    asyncio.run(scenario())
