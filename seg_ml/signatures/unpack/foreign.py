"""RAR, cabinet, cpio, LZH, xar and ISO images, read by libarchive's `bsdtar` in a process of its own.

The process has bounds on memory and time, gets the archive as its input and gives back a tar: it neither names
nor writes a file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import IO

from seg_ml.domain.message import Part
from seg_ml.signatures.filetypes import magic
from seg_ml.signatures.unpack.archive import FAILURES, Archive, Draft, tar_members
from seg_ml.signatures.unpack.limits import Budget, TooMuch

SECONDS = 20
MEMORY = 512 << 20


def read_foreign(part: Part, _: tuple[str, ...], budget: Budget) -> Archive:
    """The files of an archive that `bsdtar` reads."""
    draft = Draft(part, budget)
    fill_foreign(draft)
    return draft.done()


def fill_foreign(draft: Draft) -> None:
    """Add what `bsdtar` reads of the draft's archive; without the program the archive stays `unread`."""
    command = bounded("bsdtar")
    if command is None:
        draft.unread = f"{magic(draft.part.content)}, which is not opened without bsdtar (libarchive-tools)"
        return
    try:
        convert = (*command, "--format=pax", "-cf", "-", "@-")
        with output_of(convert, draft.part.content) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            tar_members(draft, archive)
    except TooMuch as limit:
        draft.exceed(limit)
    except (ProgramFailed, *FAILURES) as error:
        # Another program may well read what this one does not: no mere damage.
        draft.unread = f"{magic(draft.part.content)}, not read to its end: {error}"


class ProgramFailed(Exception):
    """The program did not read the archive to its end."""


@lru_cache(maxsize=4)
def bounded(name: str) -> tuple[str, ...] | None:
    """The command line of a program under bounds on memory and time; `None` where it is not installed."""
    program = shutil.which(name)
    if program is None:
        return None
    limiter = shutil.which("prlimit")
    limits = (limiter, f"--as={MEMORY}", f"--cpu={SECONDS}", "--core=0") if limiter else ()
    return (*limits, program)


@contextmanager
def output_of(command: tuple[str, ...], content: bytes) -> Iterator[IO[bytes]]:
    """What a program writes that reads `content` as its input.

    Raises:
        ProgramFailed: the program gave up; what it read before was in the stream.
    """
    with tempfile.TemporaryFile() as source:
        source.write(content)
        source.seek(0)
        process = subprocess.Popen(
            command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", env=_environment()
        )
        timer = threading.Timer(SECONDS, process.kill)
        timer.start()
        try:
            assert process.stdout is not None and process.stderr is not None
            yield process.stdout
            process.stdout.read()
            complaint = process.stderr.read(500)
            if process.wait() != 0:
                raise ProgramFailed(
                    complaint.decode("utf-8", "replace").partition("\n")[0] or f"status {process.returncode}"
                )
        finally:
            timer.cancel()
            process.kill()
            process.communicate()


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
