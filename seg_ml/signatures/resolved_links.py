"""The links of scanned messages followed to their ends, through a proxy, and what speaks against those ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seg_ml.signatures.hosts import suspicion
from seg_ml.signatures.report import ScanReport, SeenLink
from seg_ml.signatures.resolver import Resolver
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.urls import unwrap

MAX_LINKS = 20
"""Of one message that are asked for."""


def resolved(
    reports: Iterable[ScanReport], proxy: str, settings: SignatureSettings, resolver: Resolver | None = None
) -> list[ScanReport]:
    """The reports with `resolved` and `remark` of their first web links set.

    Neither the organization's own links nor those for unsubscribing are asked for: asking is answering there.

    Raises:
        ConfigError: the proxy's address is none.
    """
    resolver = resolver or Resolver(proxy, never=settings.organization.domains)
    try:
        return [replace(report, links=tuple(_followed(report, resolver, settings))) for report in reports]
    finally:
        resolver.close()


def _followed(report: ScanReport, resolver: Resolver, settings: SignatureSettings) -> Iterable[SeenLink]:
    unsubscribing = report.message.header("List-Unsubscribe") or ""
    known: dict[str, SeenLink] = {}
    for link in report.links:
        target = link.leads_to or link.target
        if not target.startswith(("http://", "https://")) or link.target in unsubscribing:
            yield link
            continue
        if target not in known and len(known) < MAX_LINKS:
            known[target] = _asked(link, target, resolver, settings)
        found = known.get(target, link)
        yield replace(link, resolved=found.resolved, remark=found.remark)


def _asked(link: SeenLink, target: str, resolver: Resolver, settings: SignatureSettings) -> SeenLink:
    resolution = resolver.follow(target)
    end = unwrap(resolution.end)
    against = suspicion(end, settings) if end is not None and end.is_web and resolution.end != target else None
    remarks = (resolution.stopped, against[1] if against is not None else "")
    return replace(link, resolved=resolution.end, remark="; ".join(remark for remark in remarks if remark))
