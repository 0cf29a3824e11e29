"""`seg-gateway run`."""

from __future__ import annotations

import asyncio
import signal

from gateway.bootstrap import Gateway, build
from gateway.cli.common import ConfigOption, explained, settings_of
from gateway.log import configure


def run(config: ConfigOption = None) -> None:
    """Run the gateway until SIGTERM or Ctrl-C; running transactions are ended first.

    Example: [bold]seg-gateway run --config /etc/seg/gateway.yaml[/]
    """
    with explained():
        settings = settings_of(config)
        configure(settings.log.level)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_run(build(settings)))


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


async def _run(gateway: Gateway) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await gateway.start()
    await stopping.wait()
    await gateway.stop()
