"""A parsed message: decoded for reading, with the untouched bytes beside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """One header field. `value` is unfolded and RFC 2047-decoded; `raw` is as it was sent, unfolded."""

    name: str
    value: str
    raw: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a header: `display_name` decoded, `addr_spec` in lower case (may be empty)."""

    display_name: str
    addr_spec: str

    @property
    def domain(self) -> str:
        """The part after the last `@`, empty where there is none."""
        return self.addr_spec.rpartition("@")[2] if "@" in self.addr_spec else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the MIME tree, or an attached message.

    `path` numbers the way from the root ("1", "2.1"). `content` is transfer-decoded. `text` is the
    content in its charset for `text/*`, else `None`. `filename` is RFC 2231- and RFC 2047-decoded.
    """

    path: str
    content_type: str
    content: bytes
    text: str | None = None
    charset: str | None = None
    filename: str | None = None
    disposition: str | None = None
    content_id: str | None = None

    @property
    def is_attachment(self) -> bool:
        """Whether a client shows the part as a file and not as the text of the message."""
        return self.disposition == "attachment" or self.filename is not None or self.text is None


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the reader meets it: `target` is where it leads, `text` what is shown for it.

    `kind` is `anchor`, `area`, `form`, `image` (remote picture) or `text` (a bare URL in the text).
    """

    target: str
    text: str = ""
    kind: str = "anchor"


@dataclass(frozen=True, slots=True)
class Aside:
    """Prose that the HTML carries beside its text, for no reader's eye.

    `place` says where it stands: a comment, the attribute of an element, or an element that is never shown.
    """

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Defect:
    """Something malformed or beyond a limit. `code` is stable (kebab-case), `detail` for people."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HtmlFacts:
    """Counts over all HTML parts of a message."""

    characters: int = 0
    elements: int = 0
    images: int = 0
    remote_images: int = 0
    forms: int = 0
    password_inputs: int = 0
    scripts: int = 0
    styles: int = 0
    tables: int = 0
    event_handlers: int = 0
    hidden_elements: int = 0
    meta_refresh: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its reader would meet it.

    `text` is the visible text of the body: `own_text` its author's, `quoted_text` what he quotes of others.
    `hidden_text` is what the HTML carries but does not show, `asides` the prose of its comments, attributes and
    elements without a look.
    `headers` keep order and duplicates; names keep their case (use `header` and `all_headers`).
    """

    raw: bytes
    headers: tuple[Header, ...] = ()
    subject: str = ""
    header_from: tuple[Mailbox, ...] = ()
    sender: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    message_id: str = ""
    parts: tuple[Part, ...] = ()
    text: str = ""
    own_text: str = ""
    quoted_text: str = ""
    hidden_text: str = ""
    links: tuple[Link, ...] = ()
    html: HtmlFacts = HtmlFacts()
    defects: tuple[Defect, ...] = ()
    asides: tuple[Aside, ...] = ()

    def header(self, name: str) -> str | None:
        """The first value of a header field, or `None`; the name in any case."""
        wanted = name.lower()
        return next((h.value for h in self.headers if h.name.lower() == wanted), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        """Every value of a header field, in order; the name in any case."""
        wanted = name.lower()
        return tuple(h.value for h in self.headers if h.name.lower() == wanted)

    @property
    def author(self) -> Mailbox:
        """The first mailbox of From, an empty one where there is none."""
        return self.header_from[0] if self.header_from else Mailbox("", "")

    @property
    def attachments(self) -> tuple[Part, ...]:
        """The parts that a client shows as files."""
        return tuple(part for part in self.parts if part.is_attachment)
