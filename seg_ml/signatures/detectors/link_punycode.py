"""Signature `link-punycode`."""

from __future__ import annotations

from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.domains import fold, to_unicode
from seg_ml.signatures.urls import web_links


@signature(
    "link-punycode",
    version=1,
    attack="T1566.002",
    severity=Severity.MEDIUM,
    surface=Surface.LINK,
    attack_type="Credential Phishing",
    tactic="Evasion: homograph",
)
class LinkPunycode(Detector):
    """A link's internationalized host reads as plain Latin letters.

    Source: RFC 5891; Unicode TS #39 §4 (whole-script and mixed-script confusables).
    Benign twin: names in a language that needs its letters (`münchen.de`, `пример.рф`).
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per host with a deceptive label."""
        seen: set[str] = set()
        for _, url in web_links(message):
            if "xn--" not in url.host or url.host in seen:
                continue
            seen.add(url.host)
            name = to_unicode(url.host)
            if any(_reads_as_latin(label) for label in name.split(".")):
                yield self.finding(f"the host {url.host} is shown as {name} and reads as {fold(name)}")


def _reads_as_latin(label: str) -> bool:
    """Whether letters of other scripts, and not accents alone, make up a label that reads as Latin."""
    foreign = [c for c in label if ord(c) > 0x24F]
    return bool(foreign) and fold(label).isascii()
