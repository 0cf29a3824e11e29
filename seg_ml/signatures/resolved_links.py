"""The links of scanned messages followed to their ends, through a proxy, and what speaks against those ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seg_ml.domain.verdict import Finding
from seg_ml.signatures.engine import MAX_FINDINGS, presentable
from seg_ml.signatures.hosts import suspicion
from seg_ml.signatures.link_ends import LinkEnd
from seg_ml.signatures.report import ScanReport, SeenLink
from seg_ml.signatures.resolver import Resolution, Resolver
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.urls import unwrap

MAX_LINKS = 20
"""Of one message that are asked for."""


def resolved(
    reports: Iterable[ScanReport], proxy: str, settings: SignatureSettings, resolver: Resolver | None = None
) -> list[ScanReport]:
    """The reports with `resolved` and `remark` of their first web links set, and findings about those ends.

    Neither the organization's own links nor those for unsubscribing are asked for: asking is answering there.

    Raises:
        ConfigError: the proxy's address is none, or the intelligence store is unusable.
    """
    judge = LinkEnd(settings)
    resolver = resolver or Resolver(proxy, never=settings.organization.domains)
    try:
        return [_followed(report, resolver, judge, settings) for report in reports]
    finally:
        resolver.close()


def _followed(report: ScanReport, resolver: Resolver, judge: LinkEnd, settings: SignatureSettings) -> ScanReport:
    unsubscribing = report.message.header("List-Unsubscribe") or ""
    known: dict[str, Resolution] = {}
    links: list[SeenLink] = []
    findings: dict[Finding, None] = {}
    for link in report.links:
        target = link.leads_to or link.target
        is_asked = target.startswith(("http://", "https://")) and link.target not in unsubscribing
        if is_asked and target not in known and len(known) < MAX_LINKS:
            known[target] = resolver.follow(target)
        if is_asked and target in known:
            findings |= dict.fromkeys(map(presentable, judge.inspect(report.message, link.text, known[target])))
            link = _told(link, target, known[target], settings)
        links.append(link)
    gravest = sorted(findings, key=lambda finding: -finding.severity)[:MAX_FINDINGS]
    ordered = sorted((*report.findings, *gravest), key=lambda finding: -finding.severity)
    return replace(report, links=tuple(links), findings=tuple(ordered))


def _told(link: SeenLink, target: str, resolution: Resolution, settings: SignatureSettings) -> SeenLink:
    end = unwrap(resolution.end)
    against = suspicion(end, settings) if end is not None and end.is_web and resolution.end != target else None
    remarks = (resolution.stopped, against[1] if against is not None else "")
    return replace(link, resolved=resolution.end, remark="; ".join(remark for remark in remarks if remark))
