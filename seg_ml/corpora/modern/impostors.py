"""Senders that pretend to be a person: from a free mailbox, a lookalike of the domain, or the domain itself."""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.companies import Company, a_domain
from seg_ml.corpora.modern.mailboxes import free_mail
from seg_ml.corpora.modern.people import Person, local_part
from seg_ml.corpora.modern.senders import Proof, Sender, served
from seg_ml.corpora.modern.traps import bad_links, lookalike

COLLEAGUES = {"free-mail": 45, "lookalike": 25, "spoofed": 15, "compromised": 15}
STRANGERS = {"free-mail": 55, "compromised": 30, "lookalike": 15}
"""How those who pretend to be somebody known, or just somebody, send their mail, in percent."""


def impostor(random: Random, person: Person, known: bool) -> Sender:
    """Somebody who pretends to be a person, whom the recipient knows or not."""
    shares = COLLEAGUES if known else STRANGERS
    kind = random.choices(list(shares), list(shares.values()))[0]
    domain = _domain(random, person, kind)
    local = local_part(random, person.given, person.family)
    address = f"{_mailbox(random, local) if kind == 'free-mail' else local}@{domain}"
    passes = kind != "spoofed" and random.random() < 0.85
    signers = (domain,) if passes and random.random() < 0.85 else ()
    away = f"{local_part(random, person.given, person.family)}{random.randint(1, 99)}@{free_mail(random)}"
    pages = Company(person.name, domain, "en", "business", "")
    return Sender(
        kind=kind,
        name=random.choice([person.name, person.name, person.name, f"{person.family}, {person.given}"]),
        address=address,
        return_path=random.choice([address, address, f"{local}@{a_domain(random)}"]),
        link=bad_links(random, pages, domain, "links.{domain}/c/{token}", own=kind in ("lookalike", "compromised")),
        proof=_proof(random, kind, passes, signers),
        host=served(
            random.choice(["mail-yw1-f{n}.google.com", "smtp{n}.{hoster}", "vps{n}.{hoster}"]), random, domain, ""
        ),
        service="mailbox",
        reply_to=away if kind == "spoofed" or random.random() < 0.25 else "",
        signers=signers,
    )


def _domain(random: Random, person: Person, kind: str) -> str:
    own = person.address.partition("@")[2]
    if kind == "lookalike":
        return lookalike(random, Company(person.name, own, "en", "business", ""))
    if kind == "free-mail":
        return free_mail(random)
    return own if kind == "spoofed" else a_domain(random)


def _mailbox(random: Random, local: str) -> str:
    number = random.randint(1, 999)
    return random.choice([f"{local}{number}", f"office.mail{number}", f"ceo.{local}", local, f"executive.desk{number}"])


def _proof(random: Random, kind: str, passes: bool, signers: tuple[str, ...]) -> Proof:
    spf = "pass" if passes else random.choice(["fail", "softfail", "none"])
    aligned = passes and random.random() < 0.75
    unproven = "fail" if kind == "spoofed" else "none"
    return Proof(spf, tuple((signer, "pass") for signer in signers), "pass" if aligned else unproven, "none")
