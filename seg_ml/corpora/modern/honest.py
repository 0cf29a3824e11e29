"""Senders that are the company that a letter names.

About a third of them are untidy in ways that honest mail is: no DMARC record, signed by the mail service
alone, forwarded, links on another host, a free mailbox, a platform's address, replies to a helpdesk.
"""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.companies import Company, ascii_slug
from seg_ml.corpora.modern.mailboxes import free_mail
from seg_ml.corpora.modern.pages import own_links, shared_links
from seg_ml.corpora.modern.people import Person
from seg_ml.corpora.modern.scripts import script, script_mailbox
from seg_ml.corpora.modern.senders import Proof, Sender, hexadecimal, served, services, verp

_HELPDESKS = ("zendesk.com", "freshdesk.com", "intercom-mail.com", "helpscout.net", "groovehq.com")
_ROBOTS = (
    "noreply no-reply info service notifications hello support team mail news billing account alert security contact"
).split()
_NUMBERS = ("",) * 12 + ("1", "2", "24")
_BRANCHES = ("", "", "", "mail.", "e.", "email.", "news.", "notify.", "info.", "account.")
_PLATFORMS = (
    "shopifyemail.com",
    "eventbrite.com",
    "mailchimpapp.com",
    "squarespace-mail.com",
    "bookingsystems.example",
    "messages.lightspeedhq.com",
    "mailer.jimdo.com",
    "em.sumup.com",
    "notification.doctolib.com",
)


def honest(random: Random, company: Company, recipient: Person, style: str, name: str = "") -> Sender:
    """The company that a letter names, by one of the ways in which companies send."""
    if style == "machine" and company.brand is None and random.random() < 0.65:
        return script(random, company, name)
    roll = random.random()
    if company.brand is None and style != "person" and roll < 0.12:
        return _free_mailbox(random, company, name) if roll < 0.06 else _on_platform(random, company, name)
    branch = random.choice(_BRANCHES) if style != "person" else ""
    domain = company.domain
    service = services()[_service(random, style)]
    author = f"{branch}{domain}"
    bounce = served(service.bounce, random, domain, ascii_slug(company.name))
    if random.random() < 0.45:
        bounce = random.choice([author, f"bounce.{domain}", f"rp.{domain}"])
    signers = _signers(random, author, domain, served(service.signs, random, domain, ""), company.brand is not None)
    return Sender(
        kind="brand" if company.brand else "company",
        name=name or _name(random, company),
        address=f"{_mailbox(random, style, name)}@{author}",
        return_path=verp(random, bounce, recipient.address),
        link=own_links(random, company, service.click),
        proof=_proof(random, author, bounce, signers, strict=company.brand is not None),
        host=served(service.host, random, domain, ascii_slug(company.name)),
        service=service.id,
        reply_to=_reply_to(random, company),
        signers=signers,
    )


def _mailbox(random: Random, style: str, name: str) -> str:
    if style == "machine" and random.random() < 0.7:
        return script_mailbox(random, name)
    return f"{random.choice(_ROBOTS)}{random.choice(_NUMBERS)}"


def _free_mailbox(random: Random, company: Company, name: str) -> Sender:
    """A small company with a free mailbox."""
    domain = free_mail(random)
    address = f"{ascii_slug(company.name, random.choice(['', '.', '']))}{random.choice(_NUMBERS)}@{domain}"
    return Sender(
        kind="company",
        name=name or _name(random, company),
        address=address,
        return_path=address,
        link=own_links(random, company, served("links.{domain}/c/{token}", random, company.domain, "")),
        proof=Proof("pass", ((domain, "pass"),), "pass", "none"),
        host=f"mail-{hexadecimal(random, 3)}.{domain}",
        service="mailbox",
        signers=(domain,),
    )


def _on_platform(random: Random, company: Company, name: str) -> Sender:
    """A small company whose mail a platform sends, from the platform's own domain."""
    domain = random.choice(_PLATFORMS)
    shown = random.choice([company.name, f"{company.name} via {domain.partition('.')[0].title()}"])
    return Sender(
        kind="company",
        name=name or shown,
        address=f"{random.choice(['no-reply', 'notifications', ascii_slug(company.name)])}@{domain}",
        return_path=f"bounce+{hexadecimal(random, 8)}@{domain}",
        link=shared_links(random, company.domain)
        if random.random() < 0.4
        else own_links(random, company, f"{domain}/t/{{token}}"),
        proof=Proof("pass", ((domain, "pass"),), random.choice(["pass", "pass", "none"]), "none"),
        host=f"mta{random.randint(1, 99)}.{domain}",
        service="own",
        reply_to=f"info@{company.domain}",
        signers=(domain,),
    )


def _service(random: Random, style: str) -> str:
    names = [name for name in services() if style != "person" or name in ("own", "webhost")]
    return random.choice([*names, "own", "webhost"])


def _name(random: Random, company: Company) -> str:
    forms = [company.name] * 5 + [f"{company.name} {company.legal}".strip(), company.domain, company.name.upper(), ""]
    return random.choice(forms)


def _signers(random: Random, author: str, domain: str, service: str, strict: bool) -> tuple[str, ...]:
    roll = random.random()
    if strict:
        roll = roll * 0.75
    if roll < 0.45:
        return (random.choice([author, domain]),)
    if roll < 0.72:
        return (random.choice([author, domain]), service) if service != domain else (domain,)
    return (service,) if roll < 0.88 and service != domain else ()


def _proof(random: Random, author: str, bounce: str, signers: tuple[str, ...], strict: bool) -> Proof:
    """What checking finds: a brand has a record and passes, a small company often has none."""
    spf = (
        "pass"
        if random.random() < (0.92 if strict else 0.84)
        else random.choice(["softfail", "none", "neutral", "fail"])
    )
    broken = random.random() < 0.05
    dkim = tuple((domain, "fail" if broken else "pass") for domain in signers)
    own = ".".join(author.split(".")[-2:])
    aligned = any(result == "pass" and domain.endswith(own) for domain, result in dkim)
    aligned = aligned or (spf == "pass" and bounce.endswith(own))
    if not strict and random.random() < 0.35:
        return Proof(spf, dkim, "none", "none")
    policy = random.choice(
        ["none", "quarantine", "reject", "reject"] if strict else ["none", "none", "quarantine", "reject"]
    )
    return Proof(spf, dkim, "pass" if aligned else "fail", policy if aligned else "none")


def _reply_to(random: Random, company: Company) -> str:
    roll = random.random()
    if roll < 0.62:
        return ""
    if roll < 0.85:
        return f"{random.choice(['support', 'info', 'kontakt', 'service', 'hello'])}@{company.domain}"
    if roll < 0.94:
        return f"reply+{hexadecimal(random, 12)}@{ascii_slug(company.name)}.{random.choice(_HELPDESKS)}"
    return f"info@{ascii_slug(company.name)}-group.com"
