"""How far the archives of one message unpack. The gateway's settings and the signatures share these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SMALL = 1 << 20
"""Below this nobody's memory is at stake, and a few repeated lines reach any ratio."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Archives one inside another, octets out of one octet, octets and files out of the whole message."""

    depth: int = 3
    ratio: int = 100
    expanded: int = 100 << 20
    members: int = 5_000


DEFAULT_ARCHIVE_LIMITS = ArchiveLimits()


class TooMuch(Exception):
    """A limit is exceeded; `code` names it for the policy, the text for a reader."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Budget:
    """Counts over one message as its archives unpack; no size that the sender wrote is believed."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self.limits = limits
        self._total = 0
        self._members = 0

    def member(self) -> None:
        """Count one file.

        Raises:
            TooMuch: there are more than the limit.
        """
        self._members += 1
        if self._members > self.limits.members:
            raise TooMuch("archive-members-limit", f"holds more than {self.limits.members:,} files")

    def take(self, size: int) -> None:
        """Count octets.

        Raises:
            TooMuch: there are more than the limit.
        """
        self._total += size
        if self._total > self.limits.expanded:
            raise TooMuch("archive-size-limit", f"unpacks to more than {self.limits.expanded:,} bytes")

    def read(self, name: str, chunks: Iterable[bytes], packed: int = 0) -> bytes:
        """All chunks in one, counted one by one. `packed` octets went in; 0 asks for no ratio.

        Raises:
            TooMuch: there are more than a limit allows.
        """
        kept = bytearray()
        for chunk in chunks:
            self.take(len(chunk))
            kept += chunk
            if packed:
                self.check_ratio(name, len(kept), packed)
        return bytes(kept)

    def check_ratio(self, name: str, size: int, packed: int) -> None:
        """Compare what came out with what went in.

        Raises:
            TooMuch: it is beyond the limit.
        """
        if size > max(SMALL, packed * self.limits.ratio):
            raise TooMuch("archive-ratio-limit", f"{name!r} unpacks to more than {self.limits.ratio} times its size")

    @property
    def spent(self) -> tuple[int, int]:
        """Octets and files so far; set it back after an attempt that came to nothing."""
        return self._total, self._members

    @spent.setter
    def spent(self, value: tuple[int, int]) -> None:
        self._total, self._members = value
