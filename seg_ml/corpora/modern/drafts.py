"""Drafts: a letter with its company, recipient and time, before it is known who sends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from seg_ml.corpora.modern.attachments import HONEST, attachment
from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.companies import Company, a_company
from seg_ml.corpora.modern.compose import compose
from seg_ml.corpora.modern.layout import a_look
from seg_ml.corpora.modern.letters import Template, fill
from seg_ml.corpora.modern.lively import longer, louder
from seg_ml.corpora.modern.messages import Written
from seg_ml.corpora.modern.people import Person, a_person, a_site
from seg_ml.corpora.modern.values import Values

_FIRST = datetime(2019, 1, 2, 6, tzinfo=UTC)
_DAYS = 2700
"""Mail is of 2019 to the middle of 2026."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter ready to be sent by the company that it names, or by somebody else.

    `person` is who signs it; `key` names the draft, so that each sending can draw its own chances.
    """

    key: str
    template: str
    language: str
    style: str
    company: Company
    person: Person
    written: Written
    name: str = ""

    def with_files(self, kinds: tuple[str, ...], random: Random) -> Draft:
        """The same with one attachment of these kinds, none where there are none."""
        if not kinds:
            return self
        file = attachment(random.choice(kinds), random, self.written.moment)
        return replace(self, written=replace(self.written, attachments=(file,)))


def draft(template: Template, key: str, brand_share: float = 0.5) -> Draft:
    """Fill a template. The key decides everything: the same gives the same draft."""
    random = seeded(f"{key}/letter")
    company = a_company(random, template.language, random.choice(template.sectors), brand_share)
    recipient, person, moment = a_setting(random, template.language, company)
    value = Values(random, company, recipient, person, moment)
    letter = fill(template, random, value)
    subject, blocks = letter.subject, compose(letter, random, value)
    if template.style == "bulk":
        blocks = louder(blocks, random) if random.random() < 0.3 else blocks
        subject = longer(subject, blocks, random) if random.random() < 0.4 else subject
    written = Written(
        subject=subject,
        blocks=blocks,
        recipient=recipient,
        moment=moment,
        look=a_look(seeded(f"{key}/look"), template.style, company.domain),
        copies=_copies(random, template, recipient.address.partition("@")[2]),
    )
    found = Draft(key, template.id, template.language, template.style, company, person, written, letter.name)
    honest = template.attach if template.kind != "malware" else ()
    return found.with_files(honest if random.random() < 0.8 else (), random)


def _copies(random: Random, template: Template, site: str) -> tuple[str, ...]:
    """Who else gets a person's letter: mostly nobody, else some of the recipient's house or of others."""
    if template.style != "person" or random.random() >= 0.25:
        return ()
    sites = [site if random.random() < 0.7 else a_site(random) for _ in range(random.choice([1, 1, 1, 2, 3, 4, 6, 10]))]
    return tuple(a_person(random, template.language, found).address for found in sites)


def a_setting(random: Random, language: str, company: Company) -> tuple[Person, Person, datetime]:
    """Who gets a letter, who signs it, and when it is sent."""
    site = a_site(random)
    recipient = a_person(random, language, site)
    person = a_person(random, language, company.domain)
    moment = _FIRST + timedelta(days=random.randrange(_DAYS), seconds=random.randrange(86_400))
    return recipient, person, moment


def with_honest_files(found: Draft, random: Random) -> Draft:
    """A draft with a file that does no harm."""
    return found.with_files(HONEST, random)
