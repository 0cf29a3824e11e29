"""Machines that mail what they have to report: cron, builds, monitors, feeds. Seldom does one prove who it is."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from seg_ml.corpora.modern.companies import Company, ascii_slug
from seg_ml.corpora.modern.pages import own_links
from seg_ml.corpora.modern.senders import Proof, Sender, served

_MAILBOXES = "root no-reply noreply www-data daemon notify robot system mailer alerts updates script admin".split()
_HOSTS = ("web", "app", "srv", "db", "mon", "build", "feeds", "lists", "nas", "mail")
_NUMBERED = ("", "", "1", "2", "3", "01", "02")
_PROOFS = {"nothing": 32, "spf": 34, "broken": 12, "proven": 22}
"""What checking finds of a script's mail, in percent."""


def script(random: Random, company: Company, name: str = "") -> Sender:
    """A script on a host of the company's, or on one that it rents."""
    domain = company.domain
    host = f"{random.choice(_HOSTS)}{random.choice(_NUMBERED)}.{domain}"
    local = script_mailbox(random, name)
    address = f"{local}@{random.choice([domain, domain, host])}"
    proof = _proof(random, domain)
    return Sender(
        kind="script",
        name=name or random.choice(["", "", local, company.name, company.domain]),
        address=address,
        return_path=random.choice([address, address, f"www-data@{host}"]),
        link=own_links(random, company, "{domain}/r.php?u={token}"),
        proof=proof,
        host=random.choice([host, host, served("server{n}.{hoster}", random, domain, "")]),
        service="own",
        signers=tuple(signer for signer, _ in proof.dkim),
    )


def script_mailbox(random: Random, name: str) -> str:
    """The name of a mailbox that only a machine writes from; often that of the program, as `nagios` or `feeds`."""
    own = ascii_slug(re.split(r"[ '.:@-]", name.strip("("))[0])
    return own if own and random.random() < 0.6 else random.choice(_MAILBOXES)


def as_script(sender: Sender, random: Random) -> Sender:
    """The same sender under the name of such a mailbox, in most cases, unless the mailbox is a free one."""
    if sender.service == "mailbox" or random.random() < 0.3:
        return sender
    address = f"{script_mailbox(random, sender.name)}@{sender.domain}"
    same = sender.return_path == sender.address
    return replace(sender, address=address, return_path=address if same else sender.return_path)


def _proof(random: Random, domain: str) -> Proof:
    found = random.choices(list(_PROOFS), list(_PROOFS.values()))[0]
    if found == "proven":
        return Proof("pass", ((domain, "pass"),), "pass", random.choice(["none", "quarantine", "reject"]))
    spf = {"nothing": "none", "spf": "pass"}.get(found) or random.choice(["softfail", "neutral", "fail"])
    return Proof(spf, (), "none", "none")
