"""Synthetic labelled mail, written from word lists: enough to train on, no two alike, the same for one seed."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from email.message import EmailMessage
from pathlib import Path

_SHARED = """
the a we you our your please today week month time people office number page letter first last next about
with from into over after before other many some more great little old new again here there
""".split()
_HAM = """
meeting agenda minutes budget draft review schedule train lunch colleagues project quarterly report notes
library compiler patch commit kernel regression branch merge thesis seminar lecture garden recipe weather
cycling holiday photographs grandmother birthday choir rehearsal museum ticket printer keyboard invoice
delivery contract appendix translation chapter paragraph diagram laboratory sample figure table reference
""".split()
_SPAM = """
winner prize lottery million dollars guarantee risk-free miracle pills weight enlarge casino jackpot bonus
refinance mortgage debt credit approved exclusive limited offer click unsubscribe cheap discount wholesale
replica watches pharmacy prescription investment returns secret wealth urgent transfer beneficiary inheritance
congratulations selected amazing unbelievable income homeworkers subscribers bulk mailing leads traffic
""".split()
_HOUSE = """
canteen intranet acme staff shuttle pension sports club savings voucher employees payday colleague council works
""".split()
_NAMES = "Ada Ben Chloe David Emma Felix Grace Hugo Ines Jonas Karin Luca Mona Nils Olga Paul".split()


def synthetic_mail(label: str, number: int, seed: int = 7) -> bytes:
    """One message, `ham` or `spam`; a tenth borrow words of the other kind, so that it is no child's play."""
    rng = random.Random(f"{seed} {label} {number}")  # noqa: S311 - a fixed sequence is what is wanted
    borrowed = rng.random() < 0.1
    own, other = (_HAM, _SPAM) if label == "ham" else (_SPAM, _HAM)
    words = rng.sample(own, 24) + rng.sample(other, 16 if borrowed else 2) + rng.choices(_SHARED, k=40)
    rng.shuffle(words)
    name = rng.choice(_NAMES)
    message = EmailMessage()
    message["From"] = f"{name} <{name.lower()}{number}@{rng.choice(own)}.example>"
    message["To"] = f"{rng.choice(_NAMES).lower()}@recipient.example"
    message["Subject"] = " ".join(rng.sample(own, 4))
    message["Date"] = f"{rng.randint(1, 28)} Mar 2021 {rng.randint(0, 23):02}:00:00 +0000"
    message["Message-ID"] = f"<{seed}.{number}@{rng.choice(_SHARED)}.example>"
    text = "\n".join(" ".join(words[start : start + 10]).capitalize() + "." for start in range(0, len(words), 10))
    message.set_content(text)
    if label == "spam" and rng.random() < 0.5:
        link = f"http://{rng.randint(11, 99)}.{rng.randint(0, 99)}.2.1/{rng.choice(own)}"
        message.add_alternative(f"<p>{text}</p><a href='{link}'>{rng.choice(own)}</a>", subtype="html")
        message.set_boundary(f"=_{rng.getrandbits(64):016x}")
    return message.as_bytes()


def house_news(number: int, seed: int = 7) -> bytes:
    """Wanted mail that reads like spam: what the house of the recipient offers to those who work there."""
    rng = random.Random(f"{seed} house {number}")  # noqa: S311 - a fixed sequence is what is wanted
    words = rng.sample(_SPAM, 26) + rng.sample(_HOUSE, 14) + rng.choices(_SHARED, k=14)
    rng.shuffle(words)
    message = EmailMessage()
    message["From"] = "Acme Staff Council <council@acme.example>"
    message["To"] = f"{rng.choice(_NAMES).lower()}@acme.example"
    message["Subject"] = f"Acme staff: {' '.join(rng.sample(_SPAM, 4))}"
    message["Date"] = (
        f"{rng.randint(1, 28)} {rng.choice(('Jan', 'Feb', 'May'))} 2024 {rng.randint(0, 23):02}:00:00 +0000"
    )
    message["Message-ID"] = f"<{seed}.{number}@intranet.acme.example>"
    message.set_content("\n".join(" ".join(words[start : start + 9]) for start in range(0, len(words), 9)))
    return message.as_bytes()


def write_folder(folder: Path, label: str, count: int, seed: int = 7) -> Path:
    """A folder of `.eml` files."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{label}-{number:04}.eml").write_bytes(synthetic_mail(label, number, seed))
    return folder


def attached(content: bytes, name: str = "file.bin") -> bytes:
    """A message that is one attachment."""
    head = (
        "From: ann@sender.example\r\nSubject: Minutes\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")


def zipped(content: bytes, name: str = "file.bin") -> bytes:
    """A ZIP archive of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()
