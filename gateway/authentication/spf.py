"""SPF (RFC 7208), by pyspf over our resolver."""

from __future__ import annotations

from typing import Any

import spf

from gateway.authentication.fields import normal_domain
from gateway.authentication.resolver import DnsFailure, Resolver

RESULTS = frozenset({"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"})


class _Query(spf.query):  # type: ignore[misc]
    """pyspf with its lookups replaced: its own go through a global and follow CNAMEs by themselves."""

    def __init__(self, resolver: Resolver, client_ip: str, sender: str, helo: str) -> None:
        super().__init__(client_ip, sender, helo)
        self._resolver = resolver

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """Records as pyspf wants them: TXT as tuples of byte strings."""
        name = str(name).rstrip(".").lower()
        if not name or len(name) > 253 or any(not 0 < len(label) < 64 for label in name.split(".")):
            return []
        try:
            answers = self._resolver.lookup(name, qtype)
        except DnsFailure as error:
            raise spf.TempError(f"DNS {name}") from error
        if not answers and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many lookups without answer")  # RFC 7208 §4.6.4
        return [(answer,) for answer in answers] if qtype in ("TXT", "SPF") else list(answers)


def check(resolver: Resolver, client_ip: str, sender: str, helo: str) -> tuple[str, str | None]:
    """Result and the domain that was checked: the reverse-path's, or HELO's for `<>` (RFC 7208 §2.4)."""
    domain = normal_domain(sender.rpartition("@")[2] if sender else helo)
    if domain is None:
        return "none", None
    local = sender.rpartition("@")[0] if sender else "postmaster"
    result = _Query(resolver, client_ip, f"{local}@{domain}", helo).check()[0]
    return (result if result in RESULTS else "permerror"), domain
