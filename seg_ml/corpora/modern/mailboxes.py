"""Senders that are a person, or the mail server that answers for one."""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.pages import shared_links
from seg_ml.corpora.modern.people import Person, local_part
from seg_ml.corpora.modern.senders import Proof, Sender, hexadecimal, served

FREE_MAIL = (
    ("gmail.com", 30), ("outlook.com", 12), ("hotmail.com", 10), ("yahoo.com", 9), ("icloud.com", 7), ("gmx.de", 6),
    ("web.de", 5), ("proton.me", 4), ("orange.fr", 4), ("libero.it", 4), ("ziggo.nl", 2), ("uol.com.br", 3),
    ("t-online.de", 3), ("aol.com", 3), ("btinternet.com", 2), ("sapo.pt", 2), ("free.fr", 2),
)  # fmt: skip


def colleague(random: Random, person: Person, link_site: str) -> Sender:
    """A person who writes from a mailbox of a company."""
    domain = person.address.partition("@")[2]
    signers = (domain,) if random.random() < 0.75 else ()
    # A provider's hosts: a name of the recipient's own domain would stand for a hop inside the site.
    clouds = ["mail-yw1-f{n}.google.com", "mail-eopbgr{n}.outbound.protection.outlook.com", "smtp{n}.{hoster}"]
    return Sender(
        kind="colleague",
        name=random.choice([person.name, person.name, f"{person.family}, {person.given}", person.given]),
        address=person.address,
        return_path=person.address,
        link=shared_links(random, link_site),
        proof=_proof(random, domain, signers),
        host=served(random.choice(clouds), random, domain, ""),
        service="mailbox",
        signers=signers,
    )


def at_home(random: Random, person: Person) -> Sender:
    """A person with a free mailbox."""
    domain = free_mail(random)
    local = f"{local_part(random, person.given, person.family)}{_number(random)}"
    return Sender(
        kind="free-mail",
        name=random.choice([person.name, person.name, person.name.lower(), person.given, ""]),
        address=f"{local}@{domain}",
        return_path=f"{local}@{domain}",
        link=shared_links(random, domain),
        proof=Proof("pass", ((domain, "pass"),), "pass", "none"),
        host=f"mail-{hexadecimal(random, 3)}.{domain}",
        service="mailbox",
        signers=(domain,),
    )


def daemon(random: Random, site: str, name: str) -> Sender:
    """A mail server that reports what it could not deliver: null reverse-path (RFC 3464)."""
    host = f"{random.choice(['mail', 'mx', 'smtp', 'relay'])}{random.choice(['', '1', '2'])}.{site}"
    return Sender(
        kind="daemon",
        name=name,
        address=f"{random.choice(['MAILER-DAEMON', 'postmaster', 'mailer-daemon'])}@{random.choice([site, host])}",
        return_path="",
        link=shared_links(random, site),
        proof=Proof(random.choice(["pass", "none"]), (), random.choice(["none", "pass", "fail"]), "none"),
        host=host,
        service="daemon",
    )


def _number(random: Random) -> str:
    """What stands behind the name where the name alone was taken: nothing, a number, a year."""
    return str(random.choice(["", "", random.randint(1, 99), random.randint(100, 999), random.randint(1955, 2008)]))


def free_mail(random: Random) -> str:
    """The domain of a free mailbox, by how common they are."""
    return random.choices([domain for domain, _ in FREE_MAIL], [share for _, share in FREE_MAIL])[0]


def _proof(random: Random, domain: str, signers: tuple[str, ...]) -> Proof:
    """A site of people mostly passes what it has set up; many have no DMARC record."""
    spf = "pass" if random.random() < 0.84 else random.choice(["softfail", "none", "neutral", "fail"])
    result = "fail" if random.random() < 0.05 else "pass"
    dkim = tuple((signer, result) for signer in signers)
    if random.random() < 0.35:
        return Proof(spf, dkim, "none", "none")
    aligned = spf == "pass" or (bool(signers) and result == "pass")
    policy = random.choice(["none", "none", "quarantine", "reject"]) if aligned else "none"
    return Proof(spf, dkim, "pass" if aligned else "fail", policy)
