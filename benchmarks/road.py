"""Gateway and model service together on one machine: messages a second, time a message, memory.

Real held-out messages over SMTP, each on a connection that is kept, with the champion behind the service.
Run `make demo` first. The load ends by itself.

Example: python benchmarks/road.py --messages 1000 --connections 32
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy"))

from sending import Sent, held_out, send_all
from stack import Stack, build_bento, free_ports, start_gateway, start_service, start_sink, write_config

console = Console()


def main() -> None:
    """Start the road, warm it up, load it, print what it did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--model", default="models:/seg-mail@champion")
    arguments = parser.parse_args()
    bento = build_bento(arguments.model)
    mail = held_out(arguments.messages)
    smtp, sink, service, http = free_ports(4)
    with tempfile.TemporaryDirectory(prefix="road-") as name, Stack(Path(name) / "log") as stack:
        folder = Path(name)
        config = folder / "gateway.yaml"
        write_config(config, smtp, sink, service, http, folder / "gateway")
        start_service(stack, bento["bento"], service)
        start_sink(stack, sink, folder / "delivered")
        start_gateway(stack, config, http)
        send_all(mail[:64], "127.0.0.1", smtp, arguments.connections, console)
        start = time.perf_counter()
        sent = send_all(mail, "127.0.0.1", smtp, arguments.connections, console)
        seconds = time.perf_counter() - start
        console.print(_report(sent, seconds, arguments.connections, bento["model_version"]))
        console.print(_memory(stack))


def _report(sent: list[Sent], seconds: float, connections: int, version: str) -> Table:
    times = [item.milliseconds for item in sent if item.code]
    table = Table(title=f"{len(sent)} held-out messages, {connections} connections, {version}")
    for name in ("messages/s", "p50 ms", "p95 ms", "max ms", "answers"):
        table.add_column(name)
    answers = ", ".join(f"{code}: {count}" for code, count in sorted(Counter(item.code for item in sent).items()))
    shares = (f"{np.percentile(times, share):.0f}" for share in (50, 95, 100))
    table.add_row(f"{len(sent) / seconds:.1f}", *shares, answers)
    return table


def _memory(stack: Stack) -> Table:
    table = Table("process", "with its children", "resident MB", title="memory at the end")
    for name, child in stack.children:
        family = [psutil.Process(child.pid), *psutil.Process(child.pid).children(recursive=True)]
        table.add_row(name, str(len(family)), f"{sum(item.memory_info().rss for item in family) / 1e6:.0f}")
    return table


if __name__ == "__main__":
    main()
