"""Senders that pretend to be a company, in the ways that hostile mail is sent.

Many of them prove what they are: a domain that was bought yesterday passes SPF, DKIM and DMARC.
"""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.companies import Company, a_domain, ascii_slug
from seg_ml.corpora.modern.mailboxes import free_mail
from seg_ml.corpora.modern.people import Person, local_part
from seg_ml.corpora.modern.senders import Proof, Sender, hexadecimal, served, services, verp
from seg_ml.corpora.modern.traps import bad_links, lookalike, noun, robot, throwaway
from seg_ml.corpora.modern.words import words

KINDS = {"throwaway": 27, "lookalike": 21, "free-mail": 11, "compromised": 17, "service": 9, "spoofed": 15}
"""How hostile mail is sent, in percent."""

_POLICIES = ("none", "none", "quarantine", "reject")


def hostile(random: Random, company: Company, recipient: Person, name: str = "", kind: str = "") -> Sender:
    """Somebody who pretends to be a company; of kind `own`, who sends from the domain that goes with its name."""
    kind = kind or random.choices(list(KINDS), list(KINDS.values()))[0]
    if kind == "free-mail":
        return _free_mail(random, company, recipient, name)
    domain = _domain(random, company, kind)
    service = services()[random.choice([*services(), "webhost", "own"])]
    bounce = _bounce(random, company, kind, domain, served(service.bounce, random, domain, ascii_slug(company.name)))
    signers = _signers(random, kind, domain, served(service.signs, random, domain, ""))
    host = service.host if kind != "spoofed" else "vps{n}.{hoster}"
    return Sender(
        kind=kind,
        name=_name(random, company, name),
        address=f"{robot(random)}@{_author(random, domain, kind)}",
        return_path=verp(random, bounce, recipient.address),
        link=bad_links(random, company, domain, service.click, own=kind not in ("spoofed", "service")),
        proof=_proof(random, kind, domain, bounce, signers),
        host=served(host, random, domain, ascii_slug(company.name)),
        service=service.id,
        reply_to=_reply_to(random, company),
        signers=signers,
    )


def _domain(random: Random, company: Company, kind: str) -> str:
    if kind == "lookalike":
        return lookalike(random, company)
    if kind == "throwaway":
        return throwaway(random)
    return company.domain if kind in ("spoofed", "own") else a_domain(random)


def _bounce(random: Random, company: Company, kind: str, domain: str, service: str) -> str:
    if kind == "spoofed":
        return random.choice([company.domain, throwaway(random), a_domain(random)])
    return domain if random.random() < 0.5 else service


def _author(random: Random, domain: str, kind: str) -> str:
    branches = ["", "", "mail.", "e.", f"{hexadecimal(random, 4)}."]
    return random.choice(branches) + domain if kind in ("throwaway", "own") else domain


def _name(random: Random, company: Company, name: str) -> str:
    true = name or company.name
    forms = [true] * 8 + [f"{company.name} {company.legal}".strip(), company.domain, true.upper(), ""]
    forms += [f"{company.name} service@{company.domain}", f"{company.name} {noun(random).title()}"]
    return random.choice(forms)


def _signers(random: Random, kind: str, domain: str, service: str) -> tuple[str, ...]:
    if kind == "spoofed":
        return random.choice([(), (domain,), (throwaway(random),), (service,), (a_domain(random),)])
    if kind == "service":
        return (service,) if service != domain else (random.choice(["sendgrid.net", "amazonses.com"]),)
    roll = random.random()
    if roll < 0.62:
        return (domain,)
    return (domain, service) if roll < 0.78 and service != domain else ()


def _proof(random: Random, kind: str, domain: str, bounce: str, signers: tuple[str, ...]) -> Proof:
    if kind == "spoofed":
        return _unproven(random, domain, bounce, signers)
    result = "fail" if random.random() < 0.08 else "pass"
    spf = "pass" if random.random() < 0.85 else random.choice(["none", "softfail", "neutral"])
    dkim = tuple((signer, result) for signer in signers)
    if random.random() < (0.4 if kind in ("compromised", "service") else 0.2):
        return Proof(spf, dkim, "none", "none")
    aligned = (domain, "pass") in dkim or (spf == "pass" and bounce == domain)
    return Proof(spf, dkim, "pass" if aligned else "fail", random.choice(_POLICIES) if aligned else "none")


def _unproven(random: Random, domain: str, bounce: str, signers: tuple[str, ...]) -> Proof:
    own = bounce == domain
    spf = random.choice(["fail", "softfail", "none"] if own else ["pass", "none", "fail"])
    dkim = tuple((signer, "fail" if signer == domain else "pass") for signer in signers)
    return Proof(spf, dkim, random.choice(["fail", "fail", "fail", "none"]), random.choice(_POLICIES))


def _free_mail(random: Random, company: Company, recipient: Person, name: str) -> Sender:
    domain = free_mail(random)
    claimed = f"{ascii_slug(company.name)}.{noun(random)}"
    somebody = local_part(random, recipient.given, random.choice(words("en", "family")))
    address = f"{random.choice([claimed, somebody])}{random.randint(1, 999)}@{domain}"
    return Sender(
        kind="free-mail",
        name=_name(random, company, name),
        address=address,
        return_path=address,
        link=bad_links(random, company, domain, services()["sendgrid"].click, own=False),
        proof=Proof("pass", ((domain, "pass"),), "pass", "none"),
        host=f"mail-{hexadecimal(random, 3)}.{domain}",
        service="mailbox",
        signers=(domain,),
    )


def _reply_to(random: Random, company: Company) -> str:
    roll = random.random()
    if roll < 0.62:
        return ""
    if roll < 0.8:
        return f"{robot(random)}@{company.domain}"
    return f"{ascii_slug(company.name)}.{noun(random)}{random.randint(1, 99)}@{free_mail(random)}"
