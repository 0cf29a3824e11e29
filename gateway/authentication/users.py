"""Who may submit mail: a file of names and scrypt hashes (RFC 7914), read anew when it changes.

One user a line, `name:scrypt:N:r:p:salt:key`, salt and key in base64; `#` begins a comment. `seg-gateway user`
prints such a line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from seg_ml.domain.errors import ConfigError

N, R, P = 2**15, 8, 1
LARGEST_MEMORY = 128 * 1024 * 1024
LONGEST_PASSWORD = 1024
_NAME = re.compile(r"[^\s:#][^\s:]{0,254}")


@dataclass(frozen=True, slots=True)
class Hash:
    """A password's hash with what it was made with."""

    n: int
    r: int
    p: int
    salt: bytes
    key: bytes

    @classmethod
    def of(cls, password: str) -> Hash:
        """A new one."""
        salt = secrets.token_bytes(16)
        return cls(N, R, P, salt, _scrypt(password, salt, N, R, P, 32))

    @classmethod
    def parse(cls, text: str) -> Hash:
        """Read `scrypt:N:r:p:salt:key`.

        Raises:
            ValueError: it is none, or would take too much memory.
        """
        kind, n, r, p, salt, key = text.split(":")
        made = cls(int(n), int(r), int(p), _decoded(salt), _decoded(key))
        power = made.n > 1 and not made.n & (made.n - 1)
        if kind != "scrypt" or not power or min(made.r, made.p, len(made.salt), len(made.key) - 15) < 1:
            raise ValueError("not a scrypt hash")
        if 128 * made.r * (made.n + made.p) > LARGEST_MEMORY:
            raise ValueError("it takes too much memory")
        return made

    def __str__(self) -> str:
        salt, key = (base64.b64encode(item).decode() for item in (self.salt, self.key))
        return f"scrypt:{self.n}:{self.r}:{self.p}:{salt}:{key}"

    def fits(self, password: str) -> bool:
        """Whether it was made of this password. Takes its time on purpose, so not on the event loop."""
        key = _scrypt(password, self.salt, self.n, self.r, self.p, len(self.key))
        return hmac.compare_digest(key, self.key)


class Users:
    """The users of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nobody = Hash.of(secrets.token_hex(16))
        self._state = self._stat()
        self._hashes = read_users(path)

    def check(self, name: str, password: str) -> bool:
        """Whether this is a user with this password; blocks. An unknown name takes as long as a known one.

        Raises:
            ConfigError: the file has changed and cannot be used.
        """
        state = self._stat()
        if state != self._state:
            self._hashes = read_users(self._path)
            self._state = state
        known = self._hashes.get(name)
        fits = (known or self._nobody).fits(password[:LONGEST_PASSWORD])
        return fits and known is not None and len(password) <= LONGEST_PASSWORD

    def _stat(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError as error:
            raise ConfigError(f"{self._path}: {error.strerror}") from error
        return found.st_ino, found.st_size, found.st_mtime_ns


def read_users(path: Path) -> dict[str, Hash]:
    """Names and hashes.

    Raises:
        ConfigError: the file cannot be read, or a line is wrong; it names the line, never what stands in it.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    users: dict[str, Hash] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        name, _, text = line.partition(":")
        try:
            made = Hash.parse(text)
        except ValueError:
            raise ConfigError(f"{path}: line {number}: must read name:scrypt:N:r:p:salt:key") from None
        if not _NAME.fullmatch(name) or name in users:
            raise ConfigError(f"{path}: line {number}: the name is none, or stands twice")
        users[name] = made
    return users


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    secret = password.encode("utf-8", "surrogateescape")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=2 * LARGEST_MEMORY, dklen=length)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
