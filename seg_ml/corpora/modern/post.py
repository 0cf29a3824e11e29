"""Drafts sent: by the company that they name, by people, and by those who only say so."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from seg_ml.corpora.modern.bots import bot
from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.companies import a_domain
from seg_ml.corpora.modern.creatives import counted_links, pictured
from seg_ml.corpora.modern.drafts import Draft
from seg_ml.corpora.modern.honest import honest
from seg_ml.corpora.modern.hostile import hostile
from seg_ml.corpora.modern.impostors import impostor
from seg_ml.corpora.modern.layout import a_look
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.mailboxes import at_home, colleague, daemon
from seg_ml.corpora.modern.mailers import a_mailer
from seg_ml.corpora.modern.messages import message
from seg_ml.corpora.modern.people import Person
from seg_ml.corpora.modern.scripts import as_script
from seg_ml.corpora.modern.senders import Proof, Sender
from seg_ml.corpora.modern.traps import throwaway


def by_company(draft: Draft) -> bytes:
    """Sent by the company itself."""
    random = seeded(f"{draft.key}/honest")
    sender = honest(random, draft.company, draft.written.recipient, draft.style, draft.name)
    return _send(_advertising(draft, share=0.1, bare=0.3, filler=0.0), sender, random)


def by_person(draft: Draft, at_work: bool) -> bytes:
    """Sent by the person who signs it: a colleague of the recipient or of another company, or somebody at home."""
    random = seeded(f"{draft.key}/honest")
    person = _inside(draft, random) if at_work and random.random() < 0.4 else draft.person
    site = person.address.partition("@")[2]
    return _send(draft, colleague(random, person, site) if at_work else at_home(random, person), random)


def by_colleague(draft: Draft) -> bytes:
    """Sent by the person who signs it, who is of the recipient's own house and proves it.

    The letter may be one that thieves write too (a new bank account, a file to open), and its signature names that
    house: from any other domain it would be what it looks like.
    """
    random = seeded(f"{draft.key}/honest")
    site = draft.written.recipient.address.partition("@")[2]
    person = replace(draft.person, address=f"{draft.person.address.partition('@')[0]}@{site}")
    sender = colleague(random, person, site)
    proof = Proof("pass", tuple((domain, "pass") for domain in sender.signers), "pass", sender.proof.policy)
    return _send(draft, replace(sender, proof=proof), random)


def by_daemon(draft: Draft) -> bytes:
    """A report of a mail server."""
    random = seeded(f"{draft.key}/honest")
    return _send(draft, daemon(random, draft.company.domain, draft.name), random)


def by_list(draft: Draft) -> bytes:
    """Sent through a mailing list, which changes the author's address where the author's domain asks for it."""
    random = seeded(f"{draft.key}/honest")
    author = (
        at_home(random, draft.person)
        if random.random() < 0.5
        else colleague(random, draft.person, draft.company.domain)
    )
    host = f"lists.{draft.company.domain}"
    name = random.choice(["users", "dev", "discuss", "general"])
    # A policy that asks receivers to act leaves a list no choice; elsewhere it is a habit of the software.
    munged = random.random() < 0.4 or author.proof.policy in ("quarantine", "reject")
    sender = replace(
        author,
        name=f"{author.name or draft.person.name} via {name}" if munged else author.name,
        address=f"{name}@{host}" if munged else author.address,
        return_path=f"{name}-bounces@{host}",
        reply_to=author.address if munged else "",
        host=host,
        proof=replace(
            author.proof,
            spf="pass",
            dkim=tuple((d, "fail") for d, _ in author.proof.dkim),
            dmarc="pass" if munged else "fail",
        ),
        list_address=f"{name}@{host}",
    )
    footer = f"{'_' * 47}\n{name} mailing list -- {name}@{host}\nTo unsubscribe send an email to {name}-leave@{host}"
    written = replace(draft.written, blocks=(*draft.written.blocks, Block("p", footer)))
    return _send(replace(draft, written=written), sender, random)


def by_stranger(draft: Draft, kind: str = "") -> bytes:
    """Sent by somebody who pretends to be the company."""
    random = seeded(f"{draft.key}/hostile")
    sender = hostile(random, draft.company, draft.written.recipient, draft.name, kind)
    sender = as_script(sender, random) if draft.style == "machine" else sender
    if random.random() < 0.3:
        draft = replace(draft, written=replace(draft.written, look=a_look(random, draft.style, draft.company.domain)))
    return _send(draft, sender, random)


def by_peddler(draft: Draft, kind: str) -> bytes:
    """Sent by somebody who sells what nobody asked for, under a name and a domain that go together.

    Where he has the domain for himself, half of it is sent as networks of affiliates do: every link counts who clicks.
    """
    random = seeded(f"{draft.key}/domain")
    domain, counted = throwaway(random), kind == "own" and draft.style == "bulk" and random.random() < 0.6
    draft = _advertising(draft, share=0.65 if counted else 0.2, bare=0.75, filler=0.35)
    if draft.company.brand and not counted:
        return by_stranger(draft, "throwaway" if kind == "own" else kind)
    own = replace(draft, company=replace(draft.company, domain=domain, brand=None))
    if not counted:
        return by_stranger(own, kind)
    sender = hostile(random, own.company, own.written.recipient, own.name, kind)
    return _send(own, replace(sender, link=counted_links(random, domain)), random)


def _advertising(draft: Draft, share: float, bare: float, filler: float) -> Draft:
    """The draft, in some share as a picture, if it is advertising."""
    random = seeded(f"{draft.key}/picture")
    if draft.style != "bulk" or random.random() >= share:
        return draft
    return pictured(draft, random, bare, filler)


def by_bot(draft: Draft) -> bytes:
    """Sent by a machine that was taken over, as the company that the letter names or as a person."""
    random = seeded(f"{draft.key}/bot")
    shown = "" if draft.style == "person" else draft.name or draft.company.name
    sender = bot(random, draft.person, draft.written.recipient, shown)
    return _send(draft, as_script(sender, random) if draft.style == "machine" else sender, random)


def by_impostor(draft: Draft, inside: bool) -> bytes:
    """Sent by somebody who pretends to be a colleague or a supplier, or whom nobody knows."""
    random = seeded(f"{draft.key}/hostile")
    person = _inside(draft, random) if inside and random.random() < 0.7 else draft.person
    return _send(draft, impostor(random, person, known=inside), random)


def _inside(draft: Draft, random: Random) -> Person:
    site = (
        draft.written.recipient.address.partition("@")[2] if random.random() < 0.7 else a_domain(random, draft.language)
    )
    return replace(draft.person, address=f"{draft.person.address.partition('@')[0]}@{site}")


def _send(draft: Draft, sender: Sender, random: Random) -> bytes:
    return message(draft.written, sender, a_mailer(random, draft.style, sender.service), random)
