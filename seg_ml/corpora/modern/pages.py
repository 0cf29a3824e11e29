"""Pages of honest sites: how their owners name them, and which other hosts their mail links to."""

from __future__ import annotations

from random import Random

from seg_ml.corpora.modern.companies import Company, ascii_slug
from seg_ml.corpora.modern.senders import Link, a_size, hexadecimal, served, token

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
    "picture": ("media/{n}/{slug2}.jpg", "img/{hash}.png", "p/{n}{n}.jpg?w=600", "static/email/{slug2}@2x.png"),
    "logo": ("img/logo.png", "assets/mail/logo@2x.png", "static/email/header.jpg", "media/{n}/logo.gif"),
}
PICTURES = frozenset({"logo", "pixel", "picture"})
_NETWORKS = ("www.facebook.com", "www.instagram.com", "twitter.com", "www.linkedin.com/company", "www.youtube.com")
_MAILBOXES = ("info", "support", "help", "hello", "contact", "service", "privacy")
_SLUGS = "spring-update five-tips our-story new-arrivals how-we-work release-notes members-night summer-guide".split()


def own_links(random: Random, company: Company, click: str) -> Link:
    """Links to a company's own site, or through its tracking host, some to services that it uses."""
    tracked, slug = random.random() < 0.4, ascii_slug(company.name)
    size, source = a_size(random), campaign(random) if random.random() < 0.35 else ""
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
        if role in PICTURES:
            return "https://" + filled(random, cdn + "/" + random.choice(_PATHS[role]), company.domain, slug)
        if role == "contact":
            return contact(random, company.domain)
        if tracked and role != "home":
            return "https://" + served(click, random, company.domain, slug, size)
        if role == "social":
            return social(random, slug)
        if elsewhere and role not in ("unsubscribe", "home"):
            return "https://" + filled(random, random.choice(_ELSEWHERE), company.domain, slug)
        path = random.choice(_PATHS.get(role, _PATHS["login"]))
        return with_query("https://" + filled(random, f"{www}{company.domain}/{path}", company.domain, slug), source)

    return link


def contact(random: Random, domain: str) -> str:
    """Where to write to."""
    return f"mailto:{random.choice(_MAILBOXES)}@{domain}"


def social(random: Random, slug: str) -> str:
    """A company's page on a network."""
    return f"https://{random.choice(_NETWORKS)}/{slug}"


def campaign(random: Random) -> str:
    """The fields of a query by which a site counts where its visitors came from."""
    fields = [f"utm_source={random.choice(['newsletter', 'email', 'crm', 'transactional', hexadecimal(random, 6)])}"]
    fields += ["utm_medium=email", f"utm_campaign={random.choice(_SLUGS)}-{random.randint(1, 2026)}"]
    others = [f"utm_content={random.choice(_SLUGS)}", f"utm_term={hexadecimal(random, 10)}"]
    others += [f"mc_cid={hexadecimal(random, 10)}&mc_eid={hexadecimal(random, 10)}", f"_hsenc={token(random, 60, 160)}"]
    return "&".join([*fields, *random.sample(others, random.randint(0, 3))])


def with_query(address: str, fields: str) -> str:
    """An address with more fields in its query."""
    return f"{address}{'&' if '?' in address else '?'}{fields}" if fields else address


def shared_links(random: Random, site: str) -> Link:
    """Links as people send them: to calls, documents and forms of others."""

    def link(role: str) -> str:
        if role in (*PICTURES, "home"):
            return f"https://www.{site}/{'' if role == 'home' else 'logo.png'}"
        if role == "contact":
            return contact(random, site)
        if role == "social":
            return social(random, ascii_slug(site.partition(".")[0]))
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
