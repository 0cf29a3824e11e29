"""A scanned message for people and for machines: parts, findings, identity, links. JSON follows ECS `email.*`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Mailbox, Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.mail.parse import parse
from seg_ml.signatures.archives import Contents, contents_of
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.catalogue import CATALOGUE
from seg_ml.signatures.domains import organizational_domain
from seg_ml.signatures.engine import ERROR_ID, SignatureEngine
from seg_ml.signatures.filetypes import extensions, magic
from seg_ml.signatures.identity import is_author_proven, proven_domains
from seg_ml.signatures.link_ends import LinkEnd
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings
from seg_ml.signatures.urls import unwrap

ECS_VERSION = "8.17.0"
MAX_INSIDE = 500
"""Files inside others that a report names."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a message claims to be from, and what is proven. `aligned` is `None` where nothing was evaluated."""

    author: Mailbox
    brands: tuple[str, ...]
    proven: tuple[str, ...]
    aligned: bool | None


@dataclass(frozen=True, slots=True)
class SeenLink:
    """A link: as written, where it leads once unwrapped, and the redirectors between.

    `resolved` is where servers send its reader, `remark` what is to be said of that; empty where nobody asked.
    """

    text: str
    target: str
    leads_to: str
    hops: tuple[str, ...]
    resolved: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class InnerFile:
    """A file that another one holds: both paths, and `file_facts` in place of the content, which may be large."""

    holder: str
    path: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ScanReport:
    """Everything that `seg-ml scan` shows of one message. Findings stand gravest first.

    `inside` are the files of archives, of attached mail and of documents, outer ones first.
    """

    name: str
    message: Message
    findings: tuple[Finding, ...]
    identity: Identity
    links: tuple[SeenLink, ...]
    archives: tuple[tuple[Part, tuple[str, ...]], ...] = ()
    inside: tuple[InnerFile, ...] = ()


def failed_report(name: str, request: ScoreRequest, reason: str) -> ScanReport:
    """The report of a message on which a worker died: nothing was seen, and a finding says so."""
    finding = Finding(ERROR_ID, Severity.HIGH, f"the message could not be looked at: {reason}", Surface.STRUCTURE)
    return ScanReport(name, Message(raw=request.raw), (finding,), Identity(Mailbox("", ""), (), (), None), ())


def scan_by_ids(
    name: str, request: ScoreRequest, ids: tuple[str, ...] | None, settings: SignatureSettings
) -> ScanReport:
    """`scan_report` from plain arguments, as a worker process takes them."""
    return scan_report(name, request, _engine(ids, settings), settings)


@lru_cache(maxsize=1)
def _engine(ids: tuple[str, ...] | None, settings: SignatureSettings) -> SignatureEngine:
    return SignatureEngine.from_ids(ids, settings)


def scan_report(
    name: str, request: ScoreRequest, engine: SignatureEngine, settings: SignatureSettings = DEFAULT_SETTINGS
) -> ScanReport:
    """Parse and inspect one message; never raises on content."""
    message = parse(request.raw)
    findings = sorted(engine.inspect(request, message), key=lambda finding: -finding.severity)
    contents = contents_of(message, settings.archives)
    archives = tuple((archive.part, archive.names) for archive in contents.archives)
    identity = _identity(request, message, settings)
    return ScanReport(name, message, tuple(findings), identity, _links(message), archives, _inside(contents))


def _inside(contents: Contents) -> tuple[InnerFile, ...]:
    members = [(archive.part, member) for archive in contents.archives for member in archive.members]
    return tuple(
        InnerFile(holder.path, file.path, file_facts(file))
        for holder, file in islice((*members, *contents.embedded), MAX_INSIDE)
    )


def _identity(request: ScoreRequest, message: Message, settings: SignatureSettings) -> Identity:
    author = message.author
    claims = brand_table(settings).claims(f"{author.display_name} | {message.subject}")
    evaluated = request.authentication.evaluated
    return Identity(
        author=author,
        brands=tuple(claim.brand.name for claim in claims),
        proven=tuple(sorted(proven_domains(request.authentication))),
        aligned=is_author_proven(request, message) if evaluated else None,
    )


def _links(message: Message) -> tuple[SeenLink, ...]:
    seen = dict.fromkeys((link.text.strip(), link.target) for link in message.links if link.kind != "image")
    return tuple(_seen(text, target) for text, target in seen)


def _seen(text: str, target: str) -> SeenLink:
    url = unwrap(target)
    return SeenLink(text, target, url.href if url is not None else "", url.hops if url is not None else ())


def to_ecs(report: ScanReport) -> dict[str, Any]:
    """One event in the Elastic Common Schema; what ECS has no field for stands under `seg`."""
    message = report.message
    email = {
        "from": {"address": [box.addr_spec for box in message.header_from]},
        "sender": {"address": message.sender[0].addr_spec} if message.sender else {},
        "reply_to": {"address": [box.addr_spec for box in message.reply_to]},
        "to": {"address": [box.addr_spec for box in message.to]},
        "cc": {"address": [box.addr_spec for box in message.cc]},
        "subject": message.subject,
        "message_id": message.message_id,
        "content_type": message.header("Content-Type") or "",
        "x_mailer": message.header("X-Mailer") or "",
        "attachments": [{"file": file_facts(part)} for part in message.attachments],
    }
    return {
        "ecs": {"version": ECS_VERSION},
        "event": {"kind": "alert" if report.findings else "event", "category": ["email"], "dataset": "seg.scan"},
        "file": {"path": report.name, "size": len(message.raw), "hash": {"sha256": _sha256(message.raw)}},
        "email": {key: value for key, value in email.items() if value not in ("", {}, {"address": []})},
        "seg": {
            "identity": _identity_facts(report.identity),
            "findings": [_finding_facts(finding) for finding in report.findings],
            "links": [
                {"text": link.text, "original": link.target, "full": link.leads_to, "hops": list(link.hops)}
                | ({"resolved": link.resolved, "remark": link.remark} if link.resolved or link.remark else {})
                for link in report.links
            ],
            "files": [{"in": file.holder, "path": file.path, **file.facts} for file in report.inside],
            "defects": [{"code": defect.code, "detail": defect.detail} for defect in message.defects],
            "archives": [{"name": part.filename, "members": list(names)} for part, names in report.archives],
        },
    }


def file_facts(part: Part) -> dict[str, Any]:
    """A part in the words of ECS `file.*`."""
    chain = extensions(part.filename or "")
    return {
        "name": part.filename or "",
        "extension": chain[-1] if chain else "",
        "mime_type": part.content_type,
        "type": magic(part.content),
        "size": len(part.content),
        "hash": {"sha256": _sha256(part.content)},
    }


def _identity_facts(identity: Identity) -> dict[str, Any]:
    return {
        "claimed": {
            "display_name": identity.author.display_name,
            "address": identity.author.addr_spec,
            "domain": organizational_domain(identity.author.domain),
            "brands": list(identity.brands),
        },
        "proven": {"domains": list(identity.proven), "aligned": identity.aligned},
    }


def _finding_facts(finding: Finding) -> dict[str, Any]:
    facts = {
        "rule": {"id": finding.signature},
        "severity": finding.severity.name.lower(),
        "evidence": finding.evidence,
        "surface": finding.surface.value,
    }
    if finding.signature == ERROR_ID:
        return facts
    cls = LinkEnd if finding.signature == LinkEnd.id else CATALOGUE.resolve([finding.signature])[0]
    facts["rule"] = {"id": cls.id, "version": str(cls.version), "description": cls.description}
    facts["threat"] = {"technique": {"id": cls.attack}, "tactic": {"name": cls.tactic}, "type": cls.attack_type}
    return facts


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
