"""Senders that are who the letter says: the company itself, a person, a mail server.

About a third of them are untidy in ways that honest mail is: no DMARC record, signed by the mail service
alone, forwarded, links on another host, replies to a helpdesk.
"""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.companies import Company, ascii_slug
from seg_ml.corpora.modern.people import Person, local_part
from seg_ml.corpora.modern.senders import Link, Proof, Sender, hexadecimal, served, services, token, verp

FREE_MAIL = (
    ("gmail.com", 30), ("outlook.com", 12), ("hotmail.com", 10), ("yahoo.com", 9), ("icloud.com", 7), ("gmx.de", 6),
    ("web.de", 5), ("proton.me", 4), ("orange.fr", 4), ("libero.it", 4), ("ziggo.nl", 2), ("uol.com.br", 3),
    ("t-online.de", 3), ("aol.com", 3), ("btinternet.com", 2), ("sapo.pt", 2), ("free.fr", 2),
)  # fmt: skip
_HELPDESKS = ("zendesk.com", "freshdesk.com", "intercom-mail.com", "helpscout.net", "groovehq.com")
_ROBOTS = (
    "noreply no-reply info service notifications hello support team mail news billing account alert security contact"
).split()
_NUMBERS = ("",) * 12 + ("1", "2", "24")
_BRANCHES = ("", "", "", "mail.", "e.", "email.", "news.", "notify.", "info.", "account.")
_ELSEWHERE = (
    "forms.gle/{token}",
    "www.surveymonkey.com/r/{hash}",
    "us02web.zoom.us/j/{n}{n}{n}",
    "teams.microsoft.com/l/meetup-join/{hash}",
    "meet.google.com/abc-{hash}",
    "docs.google.com/document/d/{token}/edit",
    "calendly.com/{slug}/30min",
    "bit.ly/{hash}",
    "lnkd.in/{hash}",
    "www.dropbox.com/scl/fi/{token}",
    "www.eventbrite.com/e/{n}{n}",
    "{slug}.typeform.com/to/{hash}",
    "{slug}.notion.site/{hash}",
    "buff.ly/{hash}",
    "{slug}.myshopify.com/orders/{hash}",
    "www.trustpilot.com/evaluate/{domain}",
)
_PATHS = {
    "home": ("", "", "en/", "start"),
    "login": ("login", "account/login", "signin", "account", "konto", "my/login?next=%2Fhome"),
    "reset": ("account/reset/{hash}", "password/reset?token={hash}", "reset-password/{hash}", "r/{hash}"),
    "track": ("track/{hash}", "tracking?id={n}{n}", "sendung/{n}{n}{n}", "t/{hash}"),
    "order": ("orders/{n}{n}", "account/orders/{n}{n}", "order/view?id={n}{n}", "shop/order/{hash}"),
    "invoice": ("invoice/{hash}.pdf", "billing/invoices/{n}{n}", "documents/{hash}", "i/{n}{n}"),
    "article": ("blog/{slug2}", "news/{n}/{slug2}", "a/{n}{n}", "magazine/{slug2}"),
    "confirm": ("confirm/{hash}", "verify?key={hash}", "activate/{hash}", "email/confirm/{hash}"),
    "unsubscribe": ("unsubscribe/{hash}", "u/{hash}", "preferences?m={hash}", "optout/{n}{n}"),
    "pixel": ("o/{hash}.gif", "open.aspx?id={hash}", "px/{n}{n}.png"),
    "logo": ("img/logo.png", "assets/mail/logo@2x.png", "static/email/header.jpg", "media/{n}/logo.gif"),
}
_SLUGS = "spring-update five-tips our-story new-arrivals how-we-work release-notes members-night summer-guide".split()


def honest(random: Random, company: Company, recipient: Person, style: str, name: str = "") -> Sender:
    """The company that a letter names, by one of the ways in which companies send."""
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
        address=f"{random.choice(_ROBOTS)}{random.choice(_NUMBERS)}@{author}",
        return_path=verp(random, bounce, recipient.address),
        link=_own_links(random, company, service.click),
        proof=_proof(random, author, bounce, signers, strict=company.brand is not None),
        host=served(service.host, random, domain, ascii_slug(company.name)),
        service=service.id,
        reply_to=_reply_to(random, company),
        signers=signers,
    )


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
        link=_shared_links(random, link_site),
        proof=_proof(random, domain, domain, signers, strict=False),
        host=served(random.choice(clouds), random, domain, ""),
        service="mailbox",
        signers=signers,
    )


def at_home(random: Random, person: Person) -> Sender:
    """A person with a free mailbox."""
    domain = free_mail(random)
    local = f"{local_part(random, person.given, person.family)}{random.choice(['', '', random.randint(1, 99)])}"
    return Sender(
        kind="free-mail",
        name=random.choice([person.name, person.name, person.name.lower(), person.given, ""]),
        address=f"{local}@{domain}",
        return_path=f"{local}@{domain}",
        link=_shared_links(random, domain),
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
        link=_shared_links(random, site),
        proof=Proof(random.choice(["pass", "none"]), (), random.choice(["none", "pass", "fail"]), "none"),
        host=host,
        service="daemon",
    )


def free_mail(random: Random) -> str:
    """The domain of a free mailbox, by how common they are."""
    return random.choices([domain for domain, _ in FREE_MAIL], [share for _, share in FREE_MAIL])[0]


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


def _own_links(random: Random, company: Company, click: str) -> Link:
    tracked, slug = random.random() < 0.4, ascii_slug(company.name)
    elsewhere = random.random() < 0.12
    www = random.choice(["www.", "www.", "", "app.", "my.", "account."])
    cdn = random.choice(
        [
            f"cdn.{company.domain}",
            f"images.{company.domain}",
            f"www.{company.domain}",
            f"d{hexadecimal(random, 9)}.cloudfront.net",
            "mcusercontent.com/" + hexadecimal(random, 20),
        ]
    )

    def link(role: str) -> str:
        if role in ("logo", "pixel"):
            return "https://" + filled(random, cdn + "/" + random.choice(_PATHS[role]), company.domain, slug)
        if tracked and role != "home":
            return "https://" + served(click, random, company.domain, slug)
        if elsewhere and role not in ("unsubscribe", "home"):
            return "https://" + filled(random, random.choice(_ELSEWHERE), company.domain, slug)
        path = random.choice(_PATHS.get(role, _PATHS["login"]))
        return "https://" + filled(random, f"{www}{company.domain}/{path}", company.domain, slug)

    return link


def _shared_links(random: Random, site: str) -> Link:
    def link(role: str) -> str:
        if role in ("logo", "pixel", "home"):
            return f"https://www.{site}/{'' if role == 'home' else 'logo.png'}"
        return "https://" + filled(random, random.choice(_ELSEWHERE), site, ascii_slug(site.partition(".")[0]))

    return link


def filled(random: Random, pattern: str, domain: str, slug: str) -> str:
    """An address with its variable pieces drawn."""
    while "{n}" in pattern:
        pattern = pattern.replace("{n}", str(random.randint(100, 9999)), 1)
    while "{hash}" in pattern:
        pattern = pattern.replace("{hash}", hexadecimal(random, random.choice([6, 8, 12, 20])), 1)
    return pattern.format(domain=domain, slug=slug, slug2=random.choice(_SLUGS), token=token(random))


def page(random: Random, role: str, domain: str, slug: str) -> str:
    """A page of a site as its owner names pages."""
    return filled(random, f"{domain}/{random.choice(_PATHS.get(role, _PATHS['login']))}", domain, slug)
