"""Which addresses a user may write from: the address he logs in with, and those that are listed for him."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.authentication.fields import authors, normal_domain

ANY = "*"


class Senders:
    """Lists by login: addresses, domains, `.example.org` for subdomains, or `*` for any sender."""

    def __init__(self, listed: Mapping[str, Sequence[str]], separator: str = "+") -> None:
        self._listed = {user: frozenset(map(_normal, entries)) for user, entries in listed.items()}
        self._separator = separator

    def may_send(self, user: str, reverse_path: str) -> bool:
        """Whether the reverse-path is his. The null one is nobody's: receipts are sent with it (RFC 8098 §2.1)."""
        return not reverse_path or self._owns(user, reverse_path)

    def may_write(self, user: str, raw: bytes) -> bool:
        """Whether every author of a message is his; where From is in doubt, none is."""
        listed = self._listed.get(user, frozenset())
        if ANY in listed:
            return True
        found = authors(raw)
        return bool(found) and all(self._owns(user, address) for address in found)

    def _owns(self, user: str, address: str) -> bool:
        entries = self._listed.get(user, frozenset()) | ({_normal(user)} if "@" in user else frozenset())
        if ANY in entries:
            return True
        if address.count("@") != 1:
            return False
        local, _, domain = _normal(address).partition("@")
        labels = domain.split(".")
        plain = local.partition(self._separator)[0] if self._separator else local
        own = {f"{local}@{domain}", f"{plain}@{domain}", domain}
        return bool(entries & (own | {"." + ".".join(labels[n:]) for n in range(1, len(labels))}))


def _normal(entry: str) -> str:
    """Lower case, the domain as DNS knows it."""
    local, at, domain = entry.strip().rpartition("@")
    dot = "." if not at and domain.startswith(".") else ""
    domain = domain.removeprefix(dot)
    return f"{local.lower()}{at}{dot}{normal_domain(domain) or domain.lower()}"
