"""Paths of MAIL and RCPT (RFC 5321 §4.1.2), read in linear time and strictly: no guessing at recipients."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seg_ml.domain.errors import SegError

LONGEST_PATH = 256
LONGEST_LOCAL = 64
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]"
_LOCAL = re.compile(rf'{_ATEXT}+(?:\.{_ATEXT}+)*|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_LABEL = "[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\u0080-\U0010ffff-]{0,61}[A-Za-z0-9\u0080-\U0010ffff])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LITERAL = re.compile(r"\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]")
_ROUTE = re.compile(r"@[A-Za-z0-9.-]+(?:,@[A-Za-z0-9.-]+)*:")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?")


class BadPath(SegError):
    """The argument cannot be understood; `code` and `text` are the reply."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Path:
    """A mailbox with its ESMTP parameters. The null reverse-path has an empty `address`."""

    address: str
    parameters: dict[str, str]

    @property
    def local_part(self) -> str:
        """What stands before the last `@`."""
        return self.address.rpartition("@")[0] if "@" in self.address else self.address

    @property
    def domain(self) -> str:
        """The domain in lower case, empty for `<>` and `<postmaster>`."""
        return self.address.rpartition("@")[2].lower() if "@" in self.address else ""


def parse_path(argument: str, keyword: str) -> Path:
    """Read `FROM:<address> [parameters]` or `TO:<address> [parameters]`.

    Raises:
        BadPath: with the reply that the client is given.
    """
    if argument[: len(keyword)].upper() != keyword:
        raise BadPath(501, f"5.5.4 Syntax: {keyword}<address>")
    path, rest = _angle(argument[len(keyword) :].lstrip(" "), keyword)
    address = _strip_route(path)
    if address:
        _check_address(address, keyword)
    elif keyword == "TO:":
        raise BadPath(501, "5.1.3 Recipient is missing")
    return Path(address, _parameters(rest))


def _angle(text: str, keyword: str) -> tuple[str, str]:
    """Split at the closing bracket, which may also stand within quotes."""
    if not text.startswith("<"):
        raise BadPath(501, f"5.5.4 Syntax: {keyword}<address>")
    quoted = escaped = False
    for position, character in enumerate(text[: LONGEST_PATH + 300]):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == ">" and not quoted:
            return text[1:position], text[position + 1 :]
    raise BadPath(501, "5.1.3 Address is not closed, or too long")


def _strip_route(path: str) -> str:
    """Source routes are understood and passed over (RFC 5321 §4.1.1.3)."""
    route = _ROUTE.match(path)
    return path[route.end() :] if route else path


def _check_address(address: str, keyword: str) -> None:
    if len(address.encode("utf-8", "surrogateescape")) > LONGEST_PATH - 2:
        raise BadPath(501, "5.1.3 Address is too long")
    if keyword == "TO:" and address.lower() == "postmaster":
        return
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or not (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain)):
        raise BadPath(553, "5.1.3 Address is malformed")
    if len(local.encode("utf-8", "surrogateescape")) > LONGEST_LOCAL * 2:
        raise BadPath(553, "5.1.3 Local part is too long")


def _parameters(text: str) -> dict[str, str]:
    if text and not text.startswith(" "):
        raise BadPath(501, "5.5.4 A space must follow the address")
    parameters: dict[str, str] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None or match[1].upper() in parameters:
            raise BadPath(501, "5.5.4 Malformed parameter")
        parameters[match[1].upper()] = match[2] or ""
    return parameters


def is_utf8(address: str) -> bool:
    """Whether the address needs SMTPUTF8."""
    return not address.isascii()


def routes_elsewhere(path: Path) -> bool:
    """Whether the local part names a second destination (`user%other@ours`), an old way through open relays."""
    return any(character in path.local_part for character in "%@!")
