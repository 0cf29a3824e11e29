"""Where hostile links lead, and the domains that hostile senders get for themselves."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import yaml

from seg_ml.corpora.modern.companies import Company, a_domain, ascii_slug
from seg_ml.corpora.modern.pages import PICTURES, campaign, contact, filled, page, social, with_query
from seg_ml.corpora.modern.senders import Link, a_size, served, services, token
from seg_ml.corpora.modern.words import DATA, words

PLACES = {"own": 30, "broken": 17, "free": 14, "short": 10, "address": 4, "click": 9, "redirect": 6, "lookalike": 10}
"""Where the links of hostile mail lead, in percent."""

_LOOKS_LIKE = (("l", "1"), ("o", "0"), ("i", "l"), ("m", "rn"), ("e", "3"), ("w", "vv"), ("a", "á"))
_SIDES = PICTURES | {"home", "unsubscribe"}


def noun(random: Random) -> str:
    """A word that sounds official."""
    return str(random.choice(_traps()["nouns"].split()))


def robot(random: Random) -> str:
    """The name of a mailbox that nobody reads."""
    number = random.choice(["", "", "", str(random.randint(1, 999))])
    return f"{random.choice(_traps()['locals'].split())}{number}"


def lookalike(random: Random, company: Company) -> str:
    """A domain that reads like the company's own and is not."""
    label, _, rest = company.domain.partition(".")
    tld = _tld(random)
    forms = [f"{label}-{noun(random)}.{tld}", f"{noun(random)}-{label}.{tld}", f"{label}{noun(random)}.{tld}"]
    forms += [f"{label}.{noun(random)}-{noun(random)}.{tld}", f"{label}-{noun(random)}{random.randint(1, 999)}.{tld}"]
    swaps = [pair for pair in _LOOKS_LIKE if pair[0] in label and not label.startswith("xn--")]
    if swaps:
        plain, odd = random.choice(swaps)
        host = f"{label.replace(plain, odd, 1)}.{random.choice([rest, 'com', tld])}"
        forms += [host if host.isascii() else host.encode("idna").decode()] * 2
    return random.choice(forms)


def throwaway(random: Random) -> str:
    """A domain that nobody will miss."""
    syllables = "".join(random.choice("bdfgklmnprstvz") + random.choice("aeiou") for _ in range(random.randint(2, 5)))
    thing = random.choice(words("en", "products")).split()[0].replace("'", "")
    forms = [syllables, f"{noun(random)}{random.choice(['-', ''])}{thing}", f"{noun(random)}{random.randint(10, 9999)}"]
    forms += [f"{syllables}-{noun(random)}", a_domain(random).partition(".")[0]]
    return f"{random.choice(forms)}.{_tld(random)}"


def bad_links(random: Random, company: Company, domain: str, click: str, own: bool) -> Link:
    """Links of which at least those that ask for something lead astray; the logo may be the company's true one.

    `own` says whether the sender's domain can carry a page.
    """
    place = random.choices(list(PLACES), list(PLACES.values()))[0]
    place = "broken" if place == "own" and not own else place
    slug = random.choice([ascii_slug(company.name) or "mail", token(random, 6, 12).lower().strip("-_"), noun(random)])
    host = {"own": domain, "lookalike": lookalike(random, company)}.get(place)
    host = host or random.choice([throwaway(random), a_domain(random)])
    scheme = random.choices(["https", "http"], [85, 15])[0]
    true_sides, size, query = random.random() < 0.4, a_size(random), _a_query(random)

    def link(role: str) -> str:
        true = f"www.{company.domain}"
        if role == "contact":
            return contact(random, company.domain if true_sides else domain)
        if role == "social" and place != "click":
            return social(random, slug)
        if role in _SIDES:
            return "https://" + page(random, role, true if true_sides else random.choice([host, domain, true]), slug)
        if place == "click":
            pattern = random.choice([click, services()["sendgrid"].click])
            return "https://" + served(pattern, random, domain, slug, size)
        if place in _traps():
            address = filled(random, _bad_page(random, place, host), host, slug)
            return f"{scheme}://" + (with_query(address, query) if place == "broken" else address)
        address = page(random, role, random.choice([host, f"www.{host}", f"login.{host}"]), slug)
        return with_query(f"{scheme}://{address}", query)

    return link


def _a_query(random: Random) -> str:
    """What a hostile page is told of who clicked, if anything; or what the letter that was copied counted."""
    roll = random.random()
    if roll < 0.38:
        return f"{random.choice(['e', 'id', 'token', 'data', 'session', 'ref', 'u'])}={token(random, *a_size(random))}"
    return campaign(random) if roll < 0.75 else ""


def _bad_page(random: Random, place: str, host: str) -> str:
    pattern = str(random.choice(_traps()[place]))
    if place == "address":
        return ".".join(str(random.randint(20, 200)) for _ in range(4)) + f"/{pattern}"
    return f"{host}/{pattern}" if place == "broken" else pattern


def _tld(random: Random) -> str:
    return str(random.choice(_traps()["tlds"].split()))


@cache
def _traps() -> dict[str, Any]:
    return dict(yaml.safe_load((DATA / "traps.yaml").read_text(encoding="utf-8")))
