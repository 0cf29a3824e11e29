"""`make up`: model service, gateway with a sink behind it, and MLflow's pages, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from stack import (
    VAR,
    Stack,
    StackError,
    build_bento,
    start_gateway,
    start_mlflow,
    start_service,
    start_sink,
    write_config,
)

SMTP, SINK, SERVICE, HTTP, MLFLOW = 2525, 10025, 3000, 9125, 5000


def main() -> int:
    """Start everything on fixed ports of loopback and wait."""
    folder = VAR / "up"
    config = folder / "gateway.yaml"
    write_config(config, SMTP, SINK, SERVICE, HTTP, folder / "gateway")
    try:
        bento = build_bento("models:/seg-mail@champion")
        with Stack(folder / "log") as stack:
            start_service(stack, bento["bento"], SERVICE)
            start_sink(stack, SINK, folder / "delivered")
            start_gateway(stack, config, HTTP)
            start_mlflow(stack, MLFLOW)
            _announce(bento["model_version"], config, folder)
            while stack.running():
                time.sleep(1)
            raise StackError(f"a process ended by itself: see {folder / 'log'}")
    except StackError as error:
        print(f"up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped")
        return 0


def _announce(version: str, config: Path, folder: Path) -> None:
    print(f"""
{version} is up. Ctrl-C stops everything.
  SMTP          127.0.0.1:{SMTP}      for someone@demo.example
  delivered to  {folder / "delivered"}
  service       http://127.0.0.1:{SERVICE}   (POST /score; pages /docs.json /metrics)
  gateway       http://127.0.0.1:{HTTP}/metrics
  MLflow        http://127.0.0.1:{MLFLOW}
  quarantine    seg-gateway quarantine list --config {config}
  trace         seg-gateway trace list --config {config}
""")


if __name__ == "__main__":
    sys.exit(main())
