"""What speaks against the end to which servers send a link's reader, once an analyst has asked for it.

No detector: it needs the resolver's answers, and the engine fetches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.filetypes import extensions
from seg_ml.signatures.indicators import gravity, of_link, sources
from seg_ml.signatures.intel_store import IntelStore
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.lookalikes import find_lookalike
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.shown_domains import shown_domain
from seg_ml.signatures.urls import Url, read_url, unwrap

if TYPE_CHECKING:  # the resolver needs httpx, and reports are made without it
    from seg_ml.signatures.resolver import Resolution

_ARCHIVES = frozenset("zip 7z rar tar gz tgz bz2 xz zst cab ace arj lzh lha z zipx wim".split())
_PROGRAMS_BY_TYPE = frozenset(
    "application/x-msdownload application/x-dosexec application/vnd.microsoft.portable-executable "
    "application/x-msi application/hta application/java-archive application/x-ms-shortcut "
    "application/vnd.android.package-archive application/x-iso9660-image application/x-apple-diskimage".split()
)
_ARCHIVES_BY_TYPE = frozenset(
    "application/zip application/x-zip-compressed application/x-7z-compressed application/vnd.rar "
    "application/x-rar-compressed application/x-tar application/gzip application/vnd.ms-cab-compressed".split()
)
_SHOWN_BY_BROWSERS = ("text/", "image/", "application/json", "application/javascript", "application/xhtml+xml")


class LinkEnd:
    """Servers send the reader of a link to what is known as bad, imitates a brand, is not what is shown, or runs.

    Source: ATT&CK T1566.002, T1204.001. Graver is what the neighbours for links and files call grave.
    Benign twin: shorteners and trackers that lead to pages of the organization which the text shows.
    """

    id = "resolved-link"
    version = 1
    attack = "T1566.002"
    attack_type = "Credential Phishing"
    tactic = "Redirected link"
    description = (__doc__ or "").partition("\n")[0]

    def __init__(self, settings: SignatureSettings) -> None:
        self._settings = settings
        self._store = IntelStore(settings.intel_store) if settings.intel_store is not None else None

    def inspect(self, message: Message, text: str, resolution: Resolution) -> Iterator[Finding]:
        """Findings for one link that was followed, by its text and what servers answered."""
        target, end = read_url(resolution.steps[0]), unwrap(resolution.end)
        if target is None or end is None or not end.is_web:
            return
        if len(resolution.steps) > 1:
            yield from self._known(target, resolution)
            yield from self._imitation(target, end)
            yield from self._mismatch(message, text, target, end)
        yield from self._download(target, end, resolution)

    def _known(self, target: Url, resolution: Resolution) -> Iterator[Finding]:
        asked = dict.fromkeys(of_link(target))
        for step in resolution.steps[1:] if self._store is not None else ():
            url = read_url(step)
            for kind, value in of_link(url) if url is not None and url.is_web else ():
                found = self._store.find(kind, value) if self._store is not None and (kind, value) not in asked else ()
                asked[kind, value] = None
                if found:
                    evidence = f"{target.host} leads to {kind} {value}: {sources(found)}"
                    yield self._finding(gravity(kind, found), evidence)

    def _imitation(self, target: Url, end: Url) -> Iterator[Finding]:
        found = find_lookalike(self._settings, end.host)
        if found is not None and end.host != target.host:
            evidence = f"{target.host} leads to {end.host}, which imitates {found.brand.name} ({found.trick})"
            yield self._finding(Severity.HIGH, evidence)

    def _mismatch(self, message: Message, text: str, target: Url, end: Url) -> Iterator[Finding]:
        shown, own = shown_domain(text), organizational_domain(message.author.domain)
        if not shown or shown == end.domain or end.domain == target.domain or target.host in bundled("shorteners.txt"):
            return
        owner = brand_table(self._settings).owner(shown)
        if owner is None or not owner.owns(end.host):
            # A site that sends its own visitors elsewhere may simply have moved.
            mild = shown in (own, target.domain) or end.domain == own
            evidence = f"the link shows {text.strip()[:80]} and leads to {end.host} in the end"
            yield self._finding(Severity.LOW if mild else Severity.MEDIUM, evidence)

    def _download(self, target: Url, end: Url, resolution: Resolution) -> Iterator[Finding]:
        media_type, name = resolution.media_type, resolution.filename
        if not name and not media_type.startswith(_SHOWN_BY_BROWSERS) and media_type:
            name = unquote(end.path.rpartition("/")[2])
        chain = extensions(name)
        last = chain[-1] if chain else ""
        told = f"{target.host} hands out {name or 'a file'} from {end.host}"
        if last in bundled("executable_extensions.txt") or media_type in _PROGRAMS_BY_TYPE:
            poses = len(chain) > 1 and chain[-2] in bundled("document_extensions.txt")
            yield self._finding(Severity.CRITICAL if poses else Severity.HIGH, f"{told}, which runs when opened")
        elif last in _ARCHIVES or media_type in _ARCHIVES_BY_TYPE:
            yield self._finding(Severity.MEDIUM, f"{told}, an archive")

    def _finding(self, severity: Severity, evidence: str) -> Finding:
        return Finding(self.id, severity, evidence, Surface.LINK)
