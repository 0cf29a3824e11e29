"""Companies that letters speak for: brands with the domains that they own, and small ones that nobody knows."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from random import Random

from seg_ml.corpora.modern.words import LANGUAGES, pattern, trades, words
from seg_ml.signatures.brands import Brand, brand_table
from seg_ml.signatures.domains import is_free_mail
from seg_ml.signatures.settings import SignatureSettings

_HEADS = (
    "Nor Vel Bra Kel Tam Ros Hal Fen Mar Lin Cor Sil Ever Quar Dal Wes Ost Alm Bir Gal Hav Jun Ker Lum Mon Nim Orl Pel "
    "Rav Sten Tor Ulm Var Wil Yor Zan Ash Bel Cald Dor Elm Fal Grim Hol Isk Jas"
).split()
_MIDDLES = ["", "", "a", "e", "i", "o", "an", "er", "in", "or"]
_TAILS = (
    "vio dan ster mont field berg well wick ra lund haven ton tec mark dale vale brook ström nova rix land gate crest "
    "via nest ora bridge ley holt mere form"
).split()
_SECTORS = {
    "bank": ("bank", "payment", "finance"),
    "parcel": ("parcel",),
    "shop": ("shop",),
    "saas": ("technology", "hosting", "security"),
    "hosting": ("hosting",),
    "payment": ("payment",),
    "social": ("social",),
    "streaming": ("streaming", "games"),
    "utility": ("telecom", "energy"),
    "travel": ("travel",),
    "tax": ("government",),
    "crypto": ("crypto",),
    "insurance": ("insurance",),
}
_NAMED = {
    "dev": {"GitHub", "Atlassian", "Cloudflare", "OVHcloud", "Google", "Microsoft", "IBM"},
    "share": {"Dropbox", "Microsoft", "Google", "WeTransfer", "Box", "Adobe", "Slack", "Zoho", "DocuSign"},
    "security": {
        "Norton",
        "McAfee",
        "PayPal",
        "Best Buy",
        "Amazon",
        "Avast",
        "Microsoft",
        "Kaspersky",
        "TotalAV",
        "Bitdefender",
    },
    "mailhost": {
        *(
            "Microsoft",
            "Google",
            "Yahoo",
            "AOL",
            "GMX",
            "WEB.DE",
            "Telekom",
            "1&1 IONOS",
            "Strato",
            "OVHcloud",
            "Zoho",
            "Orange",
        ),
        *(
            "Libero",
            "Aruba",
            "Apple",
            "ProtonMail",
            "GoDaddy",
            "KPN",
            "Free",
            "Comcast",
            "Hostinger",
            "Zimbra",
            "Roundcube",
        ),
    },
}
_COUNTRIES = {
    "en": {"US", "GB", "IE", "CA", "AU"},
    "de": {"DE", "AT", "CH"},
    "fr": {"FR", "BE", "CH"},
    "pt": {"PT", "BR"},
    "es": {"ES", "MX", "AR"},
    "nl": {"NL", "BE"},
    "it": {"IT"},
}
_WORLDWIDE = {"technology", "streaming", "social", "payment", "travel", "games", "crypto", "shop", "parcel", "hosting"}
_ODD = re.compile(r"\.(me|to|gd|link|be|st|ws|app)$|cdn|static|img|mail\.(?!ru)|^.{1,4}\.[a-z]+$|-staging")
_KEEP = {
    "dhl.com",
    "dhl.de",
    "ups.com",
    "dpd.de",
    "dpd.com",
    "hp.com",
    "ctt.pt",
    "kpn.com",
    "ing.nl",
    "ing.com",
    "otto.de",
}


OTHER_NAME = 0.1
"""Share of small companies whose domain bears another name than they do."""


@dataclass(frozen=True, slots=True)
class Company:
    """Who a letter speaks for. `domain` is where its mail comes from; `brand` where it is a well-known one."""

    name: str
    domain: str
    language: str
    sector: str
    legal: str
    brand: Brand | None = None


def a_company(random: Random, language: str, sector: str, brand_share: float = 0.5) -> Company:
    """A brand of the sector with that probability, where the language knows one; else a small company.

    Tax is collected by nobody but the authorities of `brands.csv`.
    """
    known = _brands(language, sector)
    if known and random.random() < (1 if sector == "tax" else brand_share):
        brand = random.choice(known)
        domain = random.choice(_sending_domains(brand, language))
        return Company(brand.name, domain, language, sector, random.choice(["", "Inc.", "Ltd", "AG", "S.A."]), brand)
    return _small(random, language, sector)


def a_domain(random: Random, language: str | None = None) -> str:
    """The domain of some small company."""
    return _small(random, language or random.choice(LANGUAGES), "business").domain


def invented(random: Random) -> str:
    """A name that means nothing."""
    return random.choice(_HEADS) + random.choice(_MIDDLES) + random.choice(_TAILS)


def ascii_slug(text: str, joint: str = "") -> str:
    """A name as domains write it."""
    text = text.lower().replace("ß", "ss").replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return joint.join(re.findall(r"[a-z0-9]+", plain))


def _small(random: Random, language: str, sector: str) -> Company:
    trade = random.choice(trades(language, sector))
    core = random.choice([invented(random), invented(random), _surname(random, language)])
    if random.random() < 0.12:
        core = f"{core} & {_surname(random, language)}"
    name = f"{trade} {core}" if language in ("fr", "pt", "es", "it") and random.random() < 0.7 else f"{core} {trade}"
    parts = [core, trade] if random.random() < 0.7 else [core]
    tld = random.choice(words(language, "tlds"))
    if random.random() < OTHER_NAME:
        parts = [invented(random)]
    domain = f"{ascii_slug(' '.join(parts), random.choice(['', '', '-']))}.{tld}"
    if "." not in domain or len(domain.split(".")[0]) < 3:
        domain = f"{ascii_slug(core + trade)}.{tld}"
    return Company(name, domain, language, sector, random.choice(words(language, "legal")))


def _surname(random: Random, language: str) -> str:
    return random.choice(words(language, "family")).split()[-1]


@cache
def _brands(language: str, sector: str) -> tuple[Brand, ...]:
    wanted, near = _SECTORS.get(sector, ()), _COUNTRIES[language]
    return tuple(
        brand
        for brand in brand_table(SignatureSettings()).brands
        if (brand.sector in wanted or brand.name in _NAMED.get(sector, ()))
        and (
            sector in _NAMED
            or brand.country in near
            or (brand.country in {"US", "GB", "SE", "DE"} and brand.sector in _WORLDWIDE)
        )
        and _sending_domains(brand, language)
    )


@cache
def _sending_domains(brand: Brand, language: str) -> tuple[str, ...]:
    """Domains that mail of a brand plausibly comes from: its first, and those of the language's countries."""
    tlds = tuple("." + tld for tld in set(words(language, "tlds")) - {"com", "net", "org", "io", "shop", "online"})
    usable = [domain for domain in brand.domains[:8] if domain in _KEEP or not _ODD.search(domain)]
    usable = [domain for domain in usable if not is_free_mail(domain)]
    local = [domain for domain in usable if domain.endswith(tlds)]
    return tuple(dict.fromkeys([*local, *usable[:1]]))


def postal_address(random: Random, language: str) -> str:
    """A street, a number and a town."""
    return pattern(language, "streetform").format(
        street=random.choice(words(language, "streets")),
        number=random.randint(1, 240),
        zip=random.randint(10000, 98999),
        city=random.choice(words(language, "cities")),
    )
