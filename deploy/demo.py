"""`make demo`: from a labelled corpus to a verdict on the wire, on embedded defaults.

Fetches the corpus, runs the pipeline, promotes through the registry, freezes a Bento, starts service, gateway
and a downstream sink, sends held-out messages over SMTP and shows what became of each kind.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent))

from outcome import print_outcome
from sending import held_out, send_all
from stack import (
    BIN,
    ROOT,
    VAR,
    Stack,
    StackError,
    build_bento,
    free_ports,
    start_gateway,
    start_service,
    start_sink,
    write_config,
)

console = Console()


def main() -> int:
    """Run every step; 0 when no message was lost."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="Example: make demo")
    parser.add_argument("--messages", type=int, default=400, help="held-out messages to send (default 400)")
    arguments = parser.parse_args()
    start = time.monotonic()
    try:
        step("1/5  pipeline: fetch, prepare, train, evaluate, register (dvc repro register)")
        run("dvc", "repro", "register")
        step("2/5  promotion: the challenger becomes champion, if the gate lets it")
        promote()
        step("3/5  a Bento from models:/seg-mail@champion")
        bento = build_bento("models:/seg-mail@champion")
        console.print(f"  {bento['bento']} serves {bento['model_version']}")
        step("4/5  model service, gateway and downstream")
        lost = drive(bento["bento"], arguments.messages)
    except StackError as error:
        console.print(f"[red]demo:[/red] {error}", soft_wrap=True)
        return 1
    console.print(
        f"\ndone in {time.monotonic() - start:.0f} s; `make up` keeps it running, `make lab` opens the notebooks"
    )
    return 1 if lost else 0


def step(text: str) -> None:
    """Announce a step."""
    console.print(f"\n[bold]{text}[/bold]")


def run(program: str, *arguments: str) -> None:
    """Run a program of the environment, its output shown as it comes."""
    if subprocess.run([str(BIN / program), *arguments], cwd=ROOT, check=False).returncode:
        raise StackError(f"{program} {' '.join(arguments)} failed; its own words stand above")


def promote() -> None:
    """Promote the challenger unless it is champion already; a refusal keeps the champion, if there is one."""
    done = subprocess.run([str(BIN / "seg-ml"), "promote"], cwd=ROOT, check=False)
    if (
        done.returncode
        and subprocess.run(
            [str(BIN / "seg-ml"), "models", "show", "champion"], cwd=ROOT, check=False, capture_output=True
        ).returncode
    ):
        raise StackError(
            "the gate refused the first version, and there is no champion to serve: the table above says why"
        )


def drive(bento: str, count: int) -> int:
    """Start the three processes, send mail through them, show the outcome; returns how many were lost."""
    smtp, sink, service, http = free_ports(4)
    folder = VAR / "demo" / time.strftime("%Y%m%d-%H%M%S")
    config = folder / "gateway.yaml"
    write_config(config, smtp, sink, service, http, folder / "gateway")
    mail = held_out(count)
    with Stack(folder / "log") as stack:
        start_service(stack, bento, service)
        start_sink(stack, sink, folder / "delivered")
        start_gateway(stack, config, http)
        step(f"5/5  {len(mail)} held-out messages over SMTP")
        sent = send_all(mail, "127.0.0.1", smtp, connections=16, console=console)
    return print_outcome(console, sent, trace(config), folder)


def trace(config: Path) -> list[dict[str, Any]]:
    """The gateway's own record of every recipient."""
    command = [str(BIN / "seg-gateway"), "trace", "list", "--jsonl", "-n", "100000", "--config", str(config)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    sys.exit(main())
