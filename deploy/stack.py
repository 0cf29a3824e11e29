"""The whole road on one machine: model service, sink, gateway and MLflow's pages, as child processes on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"
BIN = Path(sys.executable).parent
QUIET = {
    "BENTOML_DO_NOT_TRACK": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DVC_NO_ANALYTICS": "1",
    "HF_HUB_OFFLINE": "1",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


class StackError(RuntimeError):
    """A process of the stack did not start; the message says where its log is."""


@dataclass
class Stack:
    """Starts processes one after the other and stops exactly those, last first."""

    log_folder: Path = VAR / "log"
    children: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def __enter__(self) -> Stack:
        self.log_folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for _, child in reversed(self.children):
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for name, child in reversed(self.children):
            try:
                child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                print(f"{name} did not stop in 30 s and is killed", file=sys.stderr)
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def start(self, name: str, command: list[str], ready: Callable[[], bool], environment: Mapping[str, str]) -> None:
        """Start a process and wait for it, up to 90 seconds.

        Raises:
            StackError: it ended, or was not ready in time.
        """
        log = self.log_folder / f"{name}.log"
        with log.open("wb") as out:
            child = subprocess.Popen(
                command, stdout=out, stderr=out, env={**os.environ, **QUIET, **environment}, start_new_session=True
            )
        self.children.append((name, child))
        for _ in range(900):
            if child.poll() is not None:
                raise StackError(f"{name} ended with {child.returncode}: see {log}")
            if ready():
                return
            time.sleep(0.1)
        raise StackError(f"{name} was not ready in 90 s: see {log}")

    def running(self) -> bool:
        """Whether every process still runs."""
        return all(child.poll() is None for _, child in self.children)


def build_bento(model: str) -> dict[str, str]:
    """Freeze a model into a Bento; its tag and model version."""
    command = [sys.executable, "-m", "serving.build", "--model", model]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **QUIET, **bento_home()}, capture_output=True, text=True
    )
    if done.returncode:
        raise StackError(f"building the Bento failed:\n{done.stderr.strip()[-2000:]}")
    found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def bento_home() -> dict[str, str]:
    """BentoML's store, inside the checkout."""
    return {"BENTOML_HOME": str(VAR / "bentoml")}


def start_service(stack: Stack, bento: str, port: int) -> None:
    """The model service."""
    command = [str(BIN / "bentoml"), "serve", bento, "--host", "127.0.0.1", "--port", str(port)]
    stack.start("service", command, lambda: answers(f"http://127.0.0.1:{port}/readyz"), bento_home())


def start_sink(stack: Stack, port: int, folder: Path) -> None:
    """A mail server that keeps what it is given as files."""
    command = [str(BIN / "seg-gateway"), "sink", "--listen", f"127.0.0.1:{port}", "--folder", str(folder)]
    stack.start("sink", command, lambda: listens(port), {})


def start_gateway(stack: Stack, config: Path, http_port: int) -> None:
    """The gateway."""
    command = [str(BIN / "seg-gateway"), "run", "--config", str(config)]
    stack.start("gateway", command, lambda: answers(f"http://127.0.0.1:{http_port}/readyz"), {})


def start_mlflow(stack: Stack, port: int) -> None:
    """MLflow's pages over the local database."""
    from seg_ml.registry.settings import registry_settings

    command = [str(BIN / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", registry_settings(ROOT).uri]
    stack.start("mlflow", command, lambda: answers(f"http://127.0.0.1:{port}/health"), {})


def write_config(path: Path, smtp: int, downstream: int, service: int, http: int, store: Path) -> None:
    """The gateway's settings for this machine."""
    settings = {
        "smtp": {"listen": [f"127.0.0.1:{smtp}"], "hostname": "mx.demo.example", "greet_pause": 0},
        "relay": {"domains": ["demo.example"]},
        "downstream": {"inbound": {"host": "127.0.0.1", "port": downstream, "tls": "none"}},
        "scoring": {"url": f"http://127.0.0.1:{service}", "deadline": 30, "concurrency": 16},
        "authentication": {"enabled": False},
        "store": {"folder": str(store)},
        "http": {"listen": f"127.0.0.1:{http}"},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


def answers(url: str) -> bool:
    """Whether a page answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - addresses of our own
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def listens(port: int) -> bool:
    """Whether something listens on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    """Ports that are free now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [int(item.getsockname()[1]) for item in sockets]
    finally:
        for item in sockets:
            item.close()
