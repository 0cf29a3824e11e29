"""Fields that an analyst's rules can ask about, and their values in one message.

`from|sender|reply_to|to|cc` with `.address`, `.domain`, `.name`; `reverse_path`, `client_ip`, `subject`, `text`,
`hidden_text`, `header.<Name>`; `link.url|host|domain|path|text|count`; `attachment.name|extension|type|content_type|
sha256|size|count`; `authentication.spf|dkim|dmarc|arc`; `defect`; `finding` (ids of other signatures).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Mailbox, Message, Part
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.filetypes import extensions, magic
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits
from seg_ml.signatures.urls import Url, web_links

_MAILBOXES: dict[str, Callable[[Message], tuple[Mailbox, ...]]] = {
    "from": lambda message: message.header_from,
    "sender": lambda message: message.sender,
    "reply_to": lambda message: message.reply_to,
    "to": lambda message: message.to,
    "cc": lambda message: message.cc,
}
_OF_MAILBOX: dict[str, Callable[[Mailbox], str]] = {
    "address": lambda mailbox: mailbox.addr_spec,
    "domain": lambda mailbox: organizational_domain(mailbox.domain),
    "name": lambda mailbox: mailbox.display_name,
}
_OF_LINK: dict[str, Callable[[Url], str]] = {
    "url": lambda url: url.href,
    "host": lambda url: url.host,
    "domain": lambda url: url.domain,
    "path": lambda url: url.path,
}
_OF_FILE: dict[str, Callable[[Part], str]] = {
    "name": lambda part: part.filename or "",
    "extension": lambda part: next(reversed(extensions(part.filename or "")), ""),
    "type": lambda part: magic(part.content),
    "content_type": lambda part: part.content_type,
    "sha256": lambda part: hashlib.sha256(part.content).hexdigest(),
    "size": lambda part: str(len(part.content)),
}
_METHODS = ("spf", "dkim", "dmarc", "arc")
_PLAIN = frozenset({"reverse_path", "client_ip", "subject", "text", "hidden_text", "defect", "finding"})


def is_field(name: str) -> bool:
    """Whether a rule may ask about this."""
    group, _, rest = name.partition(".")
    members: dict[str, Iterable[str]] = {
        **dict.fromkeys(_MAILBOXES, _OF_MAILBOX),
        "link": (*_OF_LINK, "text", "count"),
        "attachment": (*_OF_FILE, "count"),
        "authentication": _METHODS,
    }
    return name in _PLAIN or (group == "header" and bool(rest)) or rest in members.get(group, ())


@dataclass(slots=True)
class Facts:
    """Values of fields of one message, each computed once. `findings` are ids of what other signatures found."""

    request: ScoreRequest
    message: Message
    findings: frozenset[str] = frozenset()
    limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a field, none where it is absent."""
        if name not in self._known:
            self._known[name] = tuple(self._compute(name))
        return self._known[name]

    def _compute(self, name: str) -> Iterable[str]:
        group, _, rest = name.partition(".")
        if group in _MAILBOXES:
            return map(_OF_MAILBOX[rest], _MAILBOXES[group](self.message))
        if group == "header":
            return self.message.all_headers(rest)
        if group == "link":
            return self._links(rest)
        if group == "attachment":
            files = files_of(self.message, self.limits)
            return [str(len(files))] if rest == "count" else map(_OF_FILE[rest], files)
        if group == "authentication":
            result = getattr(self.request.authentication, rest)
            return () if result is None else (result,)
        return self._plain(name)

    def _links(self, rest: str) -> Iterable[str]:
        links = web_links(self.message)
        if rest == "count":
            return [str(len(links))]
        return [link.text for link, _ in links] if rest == "text" else [_OF_LINK[rest](url) for _, url in links]

    def _plain(self, name: str) -> Iterable[str]:
        if name == "finding":
            return sorted(self.findings)
        if name == "defect":
            return [defect.code for defect in self.message.defects]
        if name in ("reverse_path", "client_ip"):
            value = getattr(self.request.envelope, name)
            return () if value is None else (value,)
        return (str(getattr(self.message, name)),)
