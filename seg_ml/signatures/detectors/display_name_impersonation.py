"""Signature `display-name-impersonation`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Mailbox, Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import Claim, brand_table
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import fold, is_free_mail, organizational_domain, registrable_label
from seg_ml.signatures.identity import is_role, shown_sender

_ADDRESS = re.compile(r"[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})", re.IGNORECASE)


@signature(
    "display-name-impersonation",
    version=2,
    attack="T1656",
    severity=Severity.HIGH,
    surface=Surface.IDENTITY,
    attack_type="Credential Phishing",
    tactic="Impersonation: display name",
)
class DisplayNameImpersonation(Detector):
    """The name shown for From is a brand's, or an address of another organization, and the sender is neither.

    Source: ATT&CK T1656; RFC 5322 §3.4 (the display name is free text).
    Benign twin: the brand's own domains, and people whose surname is a brand's name.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """Findings on the first mailbox of From, the one that clients show."""
        author = shown_sender(message)
        if not author.display_name or not author.domain:
            return
        yield from self._shown_address(author)
        for claim in brand_table(self.settings).claims(_ADDRESS.sub(" ", author.display_name[:500])):
            if not _may_bear(author, claim):
                yield self.finding(
                    f"the name {author.display_name!r} claims {claim.brand.name}, the sender is {author.addr_spec}",
                    severity=_severity(author, claim),
                )

    def _shown_address(self, author: Mailbox) -> Iterable[Finding]:
        shown = _ADDRESS.search(author.display_name[:500])
        if shown is None:
            return
        domain = organizational_domain(shown.group(1))
        if domain == organizational_domain(author.domain):
            return
        owner = brand_table(self.settings).owner(domain)
        claimed = owner is not None and not is_free_mail(domain) and not owner.owns(author.domain)
        yield self.finding(
            f"the name shows the address {shown.group()}, the sender is {author.addr_spec}",
            severity=Severity.HIGH if claimed else Severity.LOW,
        )


def _may_bear(author: Mailbox, claim: Claim) -> bool:
    # A provider writes from its own free-mail domain too, but only from names that nobody can register there.
    provided = is_role(author) and organizational_domain(author.domain) in claim.brand.domains
    return provided or claim.brand.owns(author.domain)


def _severity(author: Mailbox, claim: Claim) -> Severity:
    if not claim.whole:
        return Severity.LOW
    if claim.brand.common and fold(author.display_name.strip()) == claim.words:
        return Severity.MEDIUM  # "Chase" alone is also how somebody of that name may sign
    # A domain that itself bears the name may be one the table does not know.
    named = claim.brand.domains and registrable_label(claim.brand.domains[0]) in registrable_label(author.domain)
    return Severity.MEDIUM if named else Severity.HIGH
