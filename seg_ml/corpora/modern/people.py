"""People and companies that get mail. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from seg_ml.corpora.modern.companies import ascii_slug, invented
from seg_ml.corpora.modern.words import words

_FIRMS = "works group studio partners haus office team verein coop lab services atelier".split()
_ENDINGS = ("example", "example", "example", "com", "de", "net", "org", "eu")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mailbox."""

    given: str
    family: str
    address: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


def a_site(random: Random) -> str:
    """The domain of an organization that receives mail: under `.example`, or a name that means nothing."""
    return (
        f"{ascii_slug(invented(random))}{random.choice(['', '-', ''])}{random.choice(_FIRMS)}.{random.choice(_ENDINGS)}"
    )


def a_person(random: Random, language: str, domain: str) -> Person:
    """Somebody at a domain."""
    given, family = random.choice(words(language, "given")), random.choice(words(language, "family"))
    return Person(given, family, f"{local_part(random, given, family)}@{domain}")


def local_part(random: Random, given: str, family: str) -> str:
    """One of the usual forms of a mailbox name."""
    first, last = ascii_slug(given), ascii_slug(family)
    forms = [f"{first}.{last}", f"{first}.{last}", f"{first[0]}.{last}", f"{first}", f"{first[0]}{last}", f"{last}"]
    return random.choice(forms)
