"""Names that mail pretends to come from, and the domains that they really own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.domains import fold, is_free_host, is_free_mail, names_of
from seg_ml.signatures.lists import DATA, bundled
from seg_ml.signatures.settings import Organization, SignatureSettings

_TOKENS = re.compile(r"[^\W_]+(?:[&'.+-][^\W_]+)*\+?", re.UNICODE)
_JOINTS = re.compile(r"[.+'-]")
_MAX_TOKENS = 200
_COLUMNS = ["name", "country", "sector", "domains", "aliases", "common"]


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand. `common` marks names that are also words or surnames: they claim only beside office words."""

    name: str
    country: str
    sector: str
    domains: tuple[str, ...]
    aliases: tuple[str, ...]
    common: bool = False

    def owns(self, host: str) -> bool:
        """Whether mail from this host, or a link to it, is the brand's own. Free mailboxes and pages prove nobody."""
        return not (is_free_mail(host) or is_free_host(host)) and any(name in self.domains for name in names_of(host))


@dataclass(frozen=True, slots=True)
class Claim:
    """A brand named in a text. `whole`: the text is the brand's name and nothing but office words beside it."""

    brand: Brand
    words: str
    whole: bool


class BrandTable:
    """Look-up by domain and by name."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self.brands = tuple(brands)
        self._by_domain: dict[str, Brand] = {}
        aliases: dict[tuple[str, ...], Brand] = {}
        for brand in self.brands:
            for domain in brand.domains:
                self._by_domain.setdefault(domain, brand)
                if not is_free_mail(domain):
                    aliases.setdefault((domain,), brand)
            for alias in brand.aliases:
                aliases.setdefault(tuple(_tokens(alias)), brand)
        # By the first word, longest first: a text costs one look-up a word.
        self._by_word: dict[str, list[tuple[tuple[str, ...], Brand]]] = {}
        for key in sorted(aliases, key=len, reverse=True):
            self._by_word.setdefault(key[0], []).append((key, aliases[key]))

    def owner(self, host: str) -> Brand | None:
        """The brand that owns a host, `None` for a stranger's."""
        return next((self._by_domain[name] for name in names_of(host) if name in self._by_domain), None)

    def claims(self, text: str) -> list[Claim]:
        """Brands that a short text (a display name, a subject) names, in order, each once."""
        words = self._words(text)
        spans = list(self.spans(words))
        covered = {index for start, end, _ in spans for index in range(start, end)}
        whole = all(index in covered or word in bundled("office_words.txt") for index, word in enumerate(words))
        found: dict[str, Claim] = {}
        for start, end, brand in spans:
            if whole or not brand.common:
                found.setdefault(brand.name, Claim(brand, " ".join(words[start:end]), whole))
        return list(found.values())

    def _words(self, text: str) -> list[str]:
        # "Booking.com" is a name, "Pedido.Correios" are two words.
        words = _tokens(text)
        parts = ([word] if word in self._by_word else _JOINTS.split(word) for word in words)
        return [part for group in parts for part in group if part]

    def spans(self, words: Sequence[str]) -> Iterator[tuple[int, int, Brand]]:
        """Where folded words name a brand: (start, end, brand), in order, without overlap."""
        skip = 0
        for start, word in enumerate(words):
            if start < skip:
                continue
            for alias, brand in self._by_word.get(word, ()):
                if tuple(words[start : start + len(alias)]) == alias:
                    skip = start + len(alias)
                    yield start, skip, brand
                    break


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(fold(text[:2000]))[:_MAX_TOKENS]


@lru_cache(maxsize=8)
def brand_table(settings: SignatureSettings) -> BrandTable:
    """The bundled brands, those of the settings' own tables, and the organization itself.

    Raises:
        ConfigError: a table is not of the bundled one's form.
    """
    brands = list(_read((DATA / "brands.csv").read_text(encoding="utf-8"), "brands.csv"))
    for path in settings.brand_tables:
        brands.extend(_read_file(path))
    own = settings.organization
    return BrandTable([*_as_brand(own), *brands])


def _as_brand(organization: Organization) -> Iterator[Brand]:
    if organization.domains:
        name = organization.name or organization.domains[0]
        yield Brand(name, "", "own", organization.domains, (name.lower(),))


def _read_file(path: Path) -> Iterator[Brand]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"brand table {path}: {error}") from error
    return _read(text, str(path))


def _read(text: str, source: str) -> Iterator[Brand]:
    rows = csv.reader(io.StringIO(text))
    if next(rows, None) != _COLUMNS:
        raise ConfigError(f"{source}: the first line must be {','.join(_COLUMNS)}")
    for row in rows:
        if len(row) != len(_COLUMNS):
            raise ConfigError(f"{source}:{rows.line_num}: {len(row)} columns, expected {len(_COLUMNS)}")
        name, country, sector, domains, aliases, common = (cell.strip() for cell in row)
        yield Brand(name, country, sector, _split(domains), _split(aliases), common == "yes")


def _split(cell: str) -> tuple[str, ...]:
    return tuple(item.strip().lower() for item in cell.split(";") if item.strip())
