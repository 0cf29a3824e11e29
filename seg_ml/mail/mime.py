"""Split bytes into header fields and MIME entities: linear in size, bounded in depth and count.

The standard library's parser recurses per nesting level and checks every line against every open
boundary, so a hostile message costs it seconds or a RecursionError. Here each level is one scan of its
own bytes for one boundary (RFC 2046 §5.1), and a limit that is met becomes a defect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from seg_ml.domain.message import Defect
from seg_ml.mail.headers import RawField, content_type, parse_fields
from seg_ml.mail.limits import Limits

_DELIMITER_LINE = re.compile(rb"^--(\S[^\r\n]{0,69}?)[ \t]*\r?$", re.MULTILINE)
_GUESS_WITHIN = 64 * 1024


@dataclass(slots=True)
class Entity:
    """A node of the MIME tree; `body` is still transfer-encoded. `inline` is false inside attached messages."""

    path: str
    depth: int
    fields: list[RawField]
    body: bytes
    inline: bool = True
    alternative: int | None = None
    media_type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)


def split_header_block(raw: bytes) -> tuple[bytes, bytes]:
    """Header block and body, at the first empty line (RFC 5322 §2.1)."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return b"", raw.partition(b"\n")[2]
    ends = [(at, at + len(blank)) for blank in (b"\n\n", b"\n\r\n") if (at := raw.find(blank)) >= 0]
    if not ends:
        return raw, b""
    start, end = min(ends)
    return raw[:start], raw[end:]


class MimeWalker:
    """Walks one message, leaves first to last; `defects` fills as it goes."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.defects: list[Defect] = []
        self._count = 0
        self._alternatives = 0

    def note(self, code: str, detail: str = "") -> None:
        """Record a defect, each code at most ten times."""
        if sum(defect.code == code for defect in self.defects) < 10:
            self.defects.append(Defect(code, detail))

    def entity(self, raw: bytes, path: str, depth: int, default_type: str = "text/plain") -> Entity:
        """Read one entity's header block."""
        block, body = split_header_block(raw)
        fields, defects = parse_fields(block, self.limits)
        for defect in defects:
            self.note(defect.code, defect.detail)
        media_type, params = content_type(fields, default_type)
        return Entity(path, depth, fields, body, media_type=media_type, params=params)

    def leaves(self, root: Entity) -> Iterator[Entity]:
        """Every leaf below an entity, in the order of the message; attached messages come as leaf and opened."""
        pending = [root]
        while pending:
            entity = pending.pop()
            self._count += 1
            if self._count > self.limits.parts:
                self.note("parts-limit", f"more than {self.limits.parts} parts")
                return
            children = self._children(entity)
            if children is None:
                yield entity
                continue
            if entity.media_type == "message/rfc822":
                yield entity
            pending.extend(reversed(children))

    def _children(self, entity: Entity) -> list[Entity] | None:
        multipart = entity.media_type.startswith("multipart/")
        if not multipart and entity.media_type != "message/rfc822":
            return None
        if entity.depth >= self.limits.depth:
            self.note("depth-limit", f"nested deeper than {self.limits.depth} at part {entity.path}")
            return None
        if not multipart:
            child = self.entity(entity.body, f"{entity.path}.1", entity.depth + 1)
            child.inline = False
            return [child]
        return self._multipart(entity)

    def _multipart(self, entity: Entity) -> list[Entity] | None:
        bodies = self._bodies(entity)
        if not bodies:
            # What a client cannot split it shows as it is.
            entity.media_type = "text/plain"
            return None
        group = self._group(entity)
        default = "message/rfc822" if entity.media_type == "multipart/digest" else "text/plain"
        children = []
        for number, body in enumerate(bodies, start=1):
            path = f"{entity.path}.{number}" if entity.depth else str(number)
            child = self.entity(body, path, entity.depth + 1, default)
            child.inline, child.alternative = entity.inline, group
            children.append(child)
        return children

    def _bodies(self, entity: Entity) -> list[bytes]:
        """The parts of a multipart; where its boundary leads nowhere, by the first line that looks like one."""
        boundary = entity.params.get("boundary", "").strip(' \t"')
        bodies = self._split(entity, boundary.encode("utf-8", "surrogateescape")) if boundary else []
        if bodies:
            return bodies
        self.note("boundary-never-seen" if boundary else "no-boundary", f"part {entity.path}")
        guess = _DELIMITER_LINE.search(entity.body, 0, _GUESS_WITHIN)
        if guess is None:
            return []
        self.note("boundary-guessed", f"part {entity.path}")
        return self._split(entity, guess.group(1))

    def _group(self, entity: Entity) -> int | None:
        if entity.media_type != "multipart/alternative" or entity.alternative is not None:
            return entity.alternative
        self._alternatives += 1
        return self._alternatives

    def _split(self, entity: Entity, boundary: bytes) -> list[bytes]:
        """The bodies between delimiter lines. What stands after the closing one is a defect."""
        bodies: list[bytes] = []
        start: int | None = None
        ended = False
        for line_start, line_end, closing in _delimiters(entity.body, b"--" + boundary):
            if ended:
                self.note("parts-after-end", f"part {entity.path} goes on after its closing boundary")
                ended = False
            if start is not None:
                bodies.append(_body(entity.body, start, line_start))
            start, ended = (None, True) if closing else (line_end, False)
            if len(bodies) >= self.limits.parts:
                self.note("parts-limit", f"part {entity.path} has more than {self.limits.parts} parts")
                return bodies
        if start is not None:
            self.note("no-closing-boundary", f"part {entity.path}")
            bodies.append(_body(entity.body, start, len(entity.body)))
        return bodies


def _delimiters(body: bytes, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    """Start and end of every delimiter line, and whether it closes (RFC 2046 §5.1.1)."""
    at = body.find(delimiter)
    while at >= 0:
        after = at + len(delimiter)
        line_end = body.find(b"\n", after)
        line_end = len(body) if line_end < 0 else line_end
        rest = body[after : min(line_end, after + 1000)].strip(b" \t\r")
        if (at == 0 or body[at - 1 : at] == b"\n") and rest in (b"", b"--"):
            yield at, line_end, rest == b"--"
            after = line_end
        at = body.find(delimiter, after)


def _body(body: bytes, start: int, end: int) -> bytes:
    """A part between two delimiter lines; the line ends around it belong to them."""
    start = min(start + 1, end)
    if end < len(body):
        end -= 2 if body[end - 2 : end] == b"\r\n" else 1
    return body[start : max(start, end)]
