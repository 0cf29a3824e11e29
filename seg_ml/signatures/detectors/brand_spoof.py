"""Signature `brand-spoof`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import is_free_mail, is_under
from seg_ml.signatures.identity import is_author_proven
from seg_ml.signatures.urls import web_links

# Severity by whether the sender's name speaks for the brand.
_PLAIN = {True: Severity.HIGH, False: Severity.MEDIUM}
_MILDER = {True: Severity.MEDIUM, False: Severity.LOW}


@signature(
    "brand-spoof",
    version=2,
    attack="T1672",
    severity=Severity.HIGH,
    surface=Surface.IDENTITY,
    attack_type="Spoofing",
    tactic="Impersonation: brand",
)
class BrandSpoof(Detector):
    """From names a brand's own domain, nothing proves it, and no link leads to the brand.

    Source: ATT&CK T1672; claimed against proven identity.
    Benign twin: the brand's mail, authenticated, or with a link to the brand.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """At most one finding.

        Milder where authentication was not evaluated, and so says nothing either way; milder, too, where mailing
        services count every click, so that a link may well lead to the brand: its proof can break on the way.
        """
        domain = message.author.domain
        table = brand_table(self.settings)
        brand = table.owner(domain)
        if brand is None or is_free_mail(domain) or brand.sector == "own" or is_author_proven(request, message):
            return
        links = [url for _, url in web_links(message)]
        if links and not any(brand.owns(url.host) for url in links):
            # Employees write to lists, too; a name that speaks for the firm does not.
            spoken = any(c.brand is brand and c.whole for c in table.claims(message.author.display_name))
            counted = all(is_under(url.host, "click_counters.txt") for url in links)
            levels = _PLAIN if request.authentication.evaluated and not counted else _MILDER
            yield self.finding(
                f"{message.author.addr_spec} of {brand.name} is unproven, and none of {len(links)} links is its own"
                + (": mailing services count all clicks" if counted else ""),
                severity=levels[spoken],
            )
