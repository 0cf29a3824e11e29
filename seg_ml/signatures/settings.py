"""What signatures know about the organization they protect, and which lists of its own they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits

Reading = Literal["never", "image-only", "always"]
"""When text in pictures is recognised: half a second to two a picture."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whose name is worth imitating; `addresses` are the only ones they write from."""

    name: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organization:
    """The protected organization: its mail domains, and the people that fraud pretends to be."""

    name: str = ""
    domains: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureSettings:
    """Settings shared by all detectors. Paths are files or folders that add to the bundled ones.

    `yara_folders` hold `*.yar`, `hash_lists` SHA-256 lists, `rule_files` YAML rules, `brand_tables`
    CSV files in the bundled table's form; `intel_store` is a file that `seg-ml intel update` wrote.
    `correspondence_store` is what the gateway remembers of delivered mail, and counts once a domain's mail
    was watched for `learning_days`.
    `archives` bounds what is unpacked of one message. `similar_lists` hold TLSH digests, which match up to
    `similar_distance`; `campaign_store` is a file of `seg-ml intel campaign`, whose bodies match from
    `campaign_share` of their wording. `ocr` says when pictures are read (`seg-ml[ocr]`).
    """

    organization: Organization = field(default_factory=Organization)
    brand_tables: tuple[Path, ...] = ()
    yara_folders: tuple[Path, ...] = ()
    hash_lists: tuple[Path, ...] = ()
    rule_files: tuple[Path, ...] = ()
    intel_store: Path | None = None
    correspondence_store: Path | None = None
    learning_days: int = 14
    archives: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS
    similar_lists: tuple[Path, ...] = ()
    similar_distance: int = 30
    campaign_store: Path | None = None
    campaign_share: float = 0.7
    ocr: Reading = "never"

    @property
    def needing(self) -> tuple[str, ...]:
        """Signatures that say more, or something at all, by what stands here; a model knows none of it."""
        people, domains = self.organization.people, self.organization.domains
        wanted = {
            "known-indicator": self.intel_store,
            "first-contact": self.correspondence_store,
            "thread-hijack": self.correspondence_store,
            "vip-impersonation": people,
            "own-domain-spoof": domains,
            "lookalike-domain": domains,
            "brand-impersonation": domains or self.brand_tables,
            "brand-spoof": domains or self.brand_tables,
            "own-rule": self.rule_files,
            "yara": self.yara_folders,
            "known-hash": self.hash_lists,
            "known-similar": self.similar_lists,
            "known-campaign": self.campaign_store,
            "image-text": self.ocr != "never",
        }
        return tuple(name for name, known in wanted.items() if known)


DEFAULT_SETTINGS = SignatureSettings()
