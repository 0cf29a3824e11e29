"""Machines of strangers that were taken over: they send what they are told, from household lines, as anybody.

Nothing is proven, the greeting is a machine's name or an address, and the line's name, if it has one, is a provider's.
"""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.companies import Company, a_domain
from seg_ml.corpora.modern.mailboxes import free_mail
from seg_ml.corpora.modern.naming import HOUSEHOLD
from seg_ml.corpora.modern.people import Person, local_part
from seg_ml.corpora.modern.senders import Proof, Sender, hexadecimal, served
from seg_ml.corpora.modern.traps import bad_links, throwaway
from seg_ml.corpora.modern.words import words

_GREETINGS = (
    ("{machine}", 24),
    ("localhost", 5),
    ("[{address}]", 10),
    ("{address}", 8),
    ("{line}", 25),
    ("{claimed}", 28),
)


def bot(random: Random, person: Person, recipient: Person, shown: str = "") -> Sender:
    """A machine that sends as `person`, from an address that is somebody's or nobody's."""
    domain = _domain(random, recipient)
    local = random.choice([local_part(random, person.given, person.family), _word(random), hexadecimal(random, 8)])
    own = random.random() < 0.06
    # A greeting with the recipient's own name would hide where the message came in: no site lets it pass.
    inside = domain == recipient.address.partition("@")[2]
    address = recipient.address if own else f"{local}@{domain}"
    other = f"{_word(random)}@{random.choice([a_domain(random), domain])}"
    # A field copied from somebody else's mail, which proves nothing here.
    signers = (domain,) if random.random() < 0.3 else ()
    forms, weights = zip(*_GREETINGS, strict=True)
    return Sender(
        kind="bot",
        name=random.choice([shown or person.name, person.name, person.given, f"{person.given} {_surname(random)}", ""]),
        address=address,
        return_path=random.choice([address, address, address, other]),
        link=bad_links(
            random, Company(person.name, throwaway(random), "en", "business", ""), domain, "{domain}/", own=False
        ),
        proof=_proof(random, signers),
        signers=signers,
        host=_greeting(random, random.choices(forms, weights)[0], throwaway(random) if inside else domain),
        reply_to=f"{_word(random)}@{free_mail(random)}" if random.random() < 0.06 else "",
    )


def _domain(random: Random, recipient: Person) -> str:
    site = recipient.address.partition("@")[2]
    return random.choice([a_domain(random), a_domain(random), throwaway(random), free_mail(random), site])


def _proof(random: Random, signers: tuple[str, ...]) -> Proof:
    spf = random.choices(["none", "softfail", "fail", "neutral", "pass"], [34, 28, 24, 10, 4])[0]
    dmarc = "none" if random.random() < 0.55 else "fail"
    dkim = tuple((signer, "fail") for signer in signers)
    return Proof(
        spf, dkim, dmarc, "none" if dmarc == "none" else random.choice(["none", "none", "quarantine", "reject"])
    )


def _greeting(random: Random, form: str, domain: str) -> str:
    address = ".".join(str(random.randint(2, 220)) for _ in range(4))
    line = random.choice(HOUSEHOLD).format(dashed=address.replace(".", "-"), short=hexadecimal(random, 6))
    machine = random.choice(
        [f"{_surname(random)}-pc", f"DESKTOP-{hexadecimal(random, 7).upper()}", _word(random), "user"]
    )
    claimed = random.choice([domain, f"mail.{domain}", a_domain(random)])
    return form.format(machine=machine, address=address, line=served(line, random, domain, ""), claimed=claimed)


def _surname(random: Random) -> str:
    return random.choice(words("en", "family")).split()[0].lower()


def _word(random: Random) -> str:
    return "".join(random.choice("bdfgklmnprstvz") + random.choice("aeiou") for _ in range(random.randint(2, 4)))
