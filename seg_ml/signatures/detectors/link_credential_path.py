"""Signature `link-credential-path`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.urls import Url, web_links

_WORDS = re.compile(
    r"(?:^|[/._?&=-])(?:sign-?in|log-?in|logon|verify|verification|validate|unlock|recover|password|passwd|webmail|"
    r"owa|secure|account|billing|wallet|wp-(?:content|includes|admin))(?=$|[/._?&=-])",
    re.IGNORECASE,
)
_MAX_PATH = 2000


@signature(
    "link-credential-path",
    version=1,
    attack="T1598.003",
    severity=Severity.MEDIUM,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Credential page",
)
class LinkCredentialPath(Detector):
    """A link names a brand that does not own the host, asks to sign in, or hands the reader's address to a script.

    Source: ATT&CK T1598.003; phishing kits fill in the address so that only the password is missing.
    Benign twin: the sender's own log-in and unsubscribe pages.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per host that is neither the sender's nor a known brand's."""
        own = organizational_domain(message.author.domain)
        seen: set[str] = set()
        for _, url in web_links(message):
            if url.domain == own or url.host in seen or brand_table(self.settings).owner(url.host):
                continue
            found = self._judge(url, message)
            if found is not None:
                seen.add(url.host)
                yield self.finding(found[1], severity=found[0])

    def _judge(self, url: Url, message: Message) -> tuple[Severity, str] | None:
        fragment = unquote(url.href.partition("#")[2][:_MAX_PATH]).lower()
        recipients = {mailbox.addr_spec for mailbox in message.to[:10] if mailbox.addr_spec}
        word = _WORDS.search(url.path[:_MAX_PATH])
        # A fragment never reaches the server: an address there is for a script that fills in a form.
        if any(address in fragment for address in recipients):
            return Severity.MEDIUM, f"the link to {url.host} hands the reader's address to a script"
        for segment in url.path[:_MAX_PATH].split("/")[:12]:
            claims = [
                c for c in brand_table(self.settings).claims(segment.replace("-", " ").replace("_", " ")) if c.whole
            ]
            if claims:
                return Severity.MEDIUM, f"the path names {claims[0].brand.name}, the host is {url.host}"
        return (Severity.LOW, f"the path {word.group()!r} at {url.host}") if word else None
