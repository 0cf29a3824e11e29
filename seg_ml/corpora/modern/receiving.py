"""What a receiving site writes on top of a message: its trace, and what it found out about the sender.

Whether a site writes down its results is a coin's throw, whoever sent the message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from random import Random
from string import Template

import yaml

from seg_ml.corpora.modern.naming import client_name, written_client
from seg_ml.corpora.modern.senders import Proof, Sender, hexadecimal
from seg_ml.corpora.modern.words import DATA

RECORDED = 0.5
"""Share of messages whose receiving site wrote its results down."""

_RESERVED = frozenset({0, 10, 100, 127, 169, 172, 192, 198, 203})


def received(sender: Sender, recipient: str, moment: datetime, random: Random) -> str:
    """Header fields of the receiving site, newest first."""
    site = recipient.rpartition("@")[2]
    recorded = random.random() < RECORDED
    lines = random.choice(list(_traces().values())).splitlines()
    text = "\n".join(line.removeprefix("@") for line in lines if recorded or not line.startswith("@"))
    address = public_address(random)
    filled = Template(text).substitute(
        host=random.choice([f"mx{random.randint(1, 4)}.{site}", f"mail.{site}", f"in.{site}"]),
        site=site,
        recipient=recipient,
        helo=sender.host,
        address=address,
        path=sender.return_path,
        envelope=sender.return_path.rpartition("@")[2],
        when=format_datetime(moment + timedelta(seconds=random.randint(1, 40))),
        queue=hexadecimal(random, 12).upper(),
        other=hexadecimal(random, 10).upper(),
        short=hexadecimal(random, 4),
        number=str(random.randint(3000, 9000)),
        spf=sender.proof.spf,
        results="".join(f"\n\t{line};" for line in results(sender, comment=random.random() < 0.5)).rstrip(";"),
        office=_office(sender, address),
        **written_client(sender.host, client_name(sender, address, random), address),
    )
    below = _before(sender, moment, random) if random.random() < 0.4 else ""
    return f"{filled}\n{below}".replace("\n", "\r\n")


def _before(sender: Sender, moment: datetime, random: Random) -> str:
    """What the sender's own hosts wrote, or say they did."""
    client = random.choice(
        [f"10.{random.randint(0, 250)}.{random.randint(0, 250)}.7", "127.0.0.1", public_address(random)]
    )
    host = f"{random.choice(['app', 'web', 'client', 'worker', 'node'])}{random.randint(1, 40)}.{sender.domain}"
    when = format_datetime(moment - timedelta(seconds=random.randint(1, 9)))
    protocol = random.choice(["ESMTPSA", "ESMTP", "HTTP", "SMTP"])
    by = f"by {sender.host} with {protocol} id {hexadecimal(random, 14)}"
    return f"Received: from {host} ({host} [{client}])\n\t{by};\n\t{when}\n"


def public_address(random: Random) -> str:
    """An address of the internet's."""
    first = random.choice([number for number in range(13, 223) if number not in _RESERVED])
    return f"{first}.{random.randint(0, 255)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def results(sender: Sender, comment: bool) -> list[str]:
    """Methods and results (RFC 8601), one per method and signature."""
    proof = sender.proof
    envelope = sender.return_path if comment else sender.return_path.rpartition("@")[2]
    found = [f"spf={proof.spf} smtp.mailfrom={envelope}" if envelope else f"spf={proof.spf} smtp.helo={sender.host}"]
    for domain, result in proof.dkim:
        note = " (2048-bit key)" if comment and result == "pass" else ""
        found.append(f"dkim={result}{note} header.d={domain}")
    if not proof.dkim:
        found.append("dkim=none")
    policy = f" (p={proof.policy.upper()} sp=NONE dis=NONE)" if proof.dmarc != "none" else ""
    return [*found, f"dmarc={proof.dmarc}{policy} header.from={sender.domain}"]


def _office(sender: Sender, address: str) -> str:
    """The form of one large provider, which leaves its own name out."""
    proof, envelope = sender.proof, sender.return_path.rpartition("@")[2]
    signed = [_signed(domain, result) for domain, result in proof.dkim]
    return "\n".join(
        [
            f"spf={proof.spf} (sender IP is {address})",
            f" smtp.mailfrom={envelope};",
            *(signed or [" dkim=none (message not signed) header.d=none;"]),
            f" dmarc={_dmarc(proof)} action={_action(proof)} header.from={sender.domain}",
        ]
    )


def _signed(domain: str, result: str) -> str:
    return f" dkim={result} (signature was {'verified' if result == 'pass' else 'not verified'}) header.d={domain};"


def _dmarc(proof: Proof) -> str:
    return "bestguesspass" if proof.dmarc == "none" and proof.spf == "pass" else proof.dmarc


def _action(proof: Proof) -> str:
    return "oreject" if proof.policy == "reject" and proof.dmarc == "fail" else "none"


@cache
def _traces() -> dict[str, str]:
    return dict(yaml.safe_load((DATA / "traces.yaml").read_text(encoding="utf-8")))
