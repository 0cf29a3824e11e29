"""What signatures know of the house they protect, and the lists of its own that they read."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gateway.settings.section import Section
from seg_ml.signatures.settings import DEFAULT_SETTINGS, Organization, Person, Reading


class PersonSettings(Section):
    """Someone whose name is worth imitating."""

    name: str = Field(description="The name as it is displayed.")
    addresses: list[str] = Field(default=[], description="The only addresses that they write from.")

    def person(self) -> Person:
        """As signatures take it."""
        return Person(self.name, tuple(address.lower() for address in self.addresses))


class OrganizationSettings(Section):
    """The protected organization."""

    name: str = Field(default="", description="What others call it.")
    domains: list[str] = Field(default=[], description="Its mail domains.")
    people: list[PersonSettings] = Field(default=[], description="Those whose names are worth imitating.")

    def organization(self) -> Organization:
        """As signatures take it."""
        domains = tuple(domain.lower() for domain in self.domains)
        return Organization(self.name, domains, tuple(person.person() for person in self.people))


class SignatureSection(Section):
    """What signatures know of the house. Those that need it are asked here, whether the model answers or not."""

    organization: OrganizationSettings = Field(
        default=OrganizationSettings(),
        description="`name`, `domains`, and `people` with the `addresses` that they write from and no others.",
    )
    rule_files: list[Path] = Field(default=[], description="Rules of one's own (`seg-ml rules test`).")
    yara_folders: list[Path] = Field(default=[], description="Folders of `*.yar` beside the bundled rules.")
    brand_tables: list[Path] = Field(default=[], description="Tables of brands in the form of the bundled one.")
    hash_lists: list[Path] = Field(default=[], description="SHA-256 of files that are known to be bad.")
    similar_lists: list[Path] = Field(default=[], description="TLSH digests of such files (`seg-ml intel digest`).")
    similar_distance: int = Field(
        default=DEFAULT_SETTINGS.similar_distance, ge=0, description="TLSH distance up to which a file is similar."
    )
    campaign_store: Path | None = Field(default=None, description="Bodies known to be bad (`seg-ml intel campaign`).")
    campaign_share: float = Field(
        default=DEFAULT_SETTINGS.campaign_share,
        gt=0,
        le=1,
        description="Share of a wording that makes a match.",
    )
    ocr: Reading = Field(
        default="never", description="When text in pictures is read: never, image-only or always; needs `seg-ml[ocr]`."
    )
