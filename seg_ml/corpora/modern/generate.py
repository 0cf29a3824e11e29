"""The corpus: how many messages of each kind, and how each is made. The seed decides every byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.drafts import Draft, draft, with_honest_files
from seg_ml.corpora.modern.letters import Template, templates
from seg_ml.corpora.modern.post import (
    by_bot,
    by_colleague,
    by_company,
    by_daemon,
    by_impostor,
    by_list,
    by_peddler,
    by_person,
    by_stranger,
)
from seg_ml.corpora.modern.words import a_language

MESSAGES = 5000
SEED = 20190102
COUNTS = {
    "transactional": 1700,
    "newsletter": 1150,
    "personal": 500,
    "business": 760,
    "list-mail": 400,
    "dsn": 30,
    "notice-rendered": 250,
    "twin-legitimate": 520,
    "fraud-twin": 120,
    "malware-twin": 100,
    "twin-phishing": 950,
    "phish": 1350,
    "fraud": 850,
    "spam": 1500,
    "malware": 260,
}
"""Messages of each kind in `MESSAGES`; `fraud` stands for all kinds of fraud."""

_TWINNED = {"transactional": 0.74, "newsletter": 0.09, "notice-rendered": 0.17}
_CORPORATE = ("fraud-bec",)
_MACHINES = {"spam": 0.4, "malware": 0.35, "phish": 0.12, "fraud-extortion": 0.5, "fraud-advance-fee": 0.1}
Made = tuple[str, str, bytes]
"""Kind, name, message."""


def generate(rendered: Iterable[Draft] = (), messages: int = MESSAGES, seed: int = SEED) -> Iterator[Made]:
    """Every message, in a fixed order. `rendered` are drafts of templates that others wrote."""
    foreign = list(rendered)
    counts = {kind: round(count * messages / MESSAGES) for kind, count in COUNTS.items()}
    for kind in ("transactional", "newsletter", "personal", "business", "list-mail", "dsn"):
        yield from (_legitimate(kind, found) for found in _drafts(kind, counts[kind], seed))
    chosen = foreign[: counts["notice-rendered"]]
    yield from (_named("notice-rendered", found, by_company(found)) for found in chosen)
    yield from _twins(counts, chosen, seed)
    phish = list(_drafts("phish", counts["phish"], seed))
    yield from (_named("phish", found, _phish(found)) for found in phish)
    honest = [found for found in phish if _template(found).twin][: counts["twin-legitimate"]]
    yield from (_named("twin-legitimate", found, by_company(found)) for found in honest)
    yield from _fraud(counts, seed)
    yield from (_named("spam", found, _spam(found)) for found in _drafts("spam", counts["spam"], seed))
    yield from _malware(counts, seed)


def _drafts(kind: str, count: int, seed: int, brand_share: float = 0.5) -> Iterator[Draft]:
    """Drafts of a kind, its templates of each language in turn; English ones where a language has none."""
    random, used = seeded(f"{seed}/{kind}"), dict.fromkeys(_of_kind(kind), 0)
    for number in range(count):
        language = a_language(random)
        own = _in_language(used, language) or _in_language(used, "en")
        least = min(used[template] for template in own)
        template = random.choice([template for template in own if used[template] == least])
        used[template] += 1
        yield draft(template, f"{seed}/{kind}/{number:05d}", brand_share)


def _in_language(found: Iterable[Template], language: str) -> list[Template]:
    return [template for template in found if template.language == language]


def _of_kind(kind: str) -> list[Template]:
    return [found for found in templates() if found.kind == kind or (kind == "fraud" and _is_fraud(found))]


def _is_fraud(template: Template) -> bool:
    return template.kind == "callback" or template.kind.startswith("fraud-")


def _template(found: Draft) -> Template:
    return next(item for item in templates() if (item.language, item.id) == (found.language, found.template))


def _named(kind: str, found: Draft, raw: bytes) -> Made:
    number = found.key.rpartition("/")[2]
    return kind, f"modern/{kind}/{found.language}/{found.template}/{number}.eml", raw


def _legitimate(kind: str, found: Draft) -> Made:
    if kind == "dsn":
        return _named(kind, found, by_daemon(found))
    if kind == "list-mail":
        return _named(kind, found, by_list(found))
    if found.style == "person":
        return _named(kind, found, by_person(found, at_work=kind == "business"))
    return _named(kind, found, by_company(found))


def _twins(counts: dict[str, int], foreign: list[Draft], seed: int) -> Iterator[Made]:
    """The same letters again, by somebody else."""
    for kind, share in _TWINNED.items():
        count = round(counts["twin-phishing"] * share)
        found = foreign[:count] if kind == "notice-rendered" else _drafts(kind, min(count, counts[kind]), seed)
        for item in found:
            _, name, raw = _named("twin-phishing", item, by_stranger(item))
            yield "twin-phishing", name.replace("/twin-phishing/", f"/twin-phishing/{kind}/"), raw


def _phish(found: Draft) -> bytes:
    if _by_machine(found):
        return by_bot(found)
    return by_impostor(found, inside=True) if found.style == "person" else by_stranger(found)


def _fraud(counts: dict[str, int], seed: int) -> Iterator[Made]:
    found = list(_drafts("fraud", counts["fraud"], seed, brand_share=0.8))
    for item in found:
        kind = _template(item).kind
        if _by_machine(item):
            yield _named(kind, item, by_bot(item))
        elif item.style == "person":
            yield _named(kind, item, by_impostor(item, inside=kind in _CORPORATE))
        else:
            yield _named(kind, item, by_stranger(item))
    honest = [item for item in found if _template(item).twin][: counts["fraud-twin"]]
    for item in honest:
        raw = by_colleague(item) if item.style == "person" else by_company(item)
        yield _named("fraud-twin", item, raw)


def _by_machine(found: Draft) -> bool:
    """Whether a machine that was taken over sends it: most mass mail, less of what is written for one reader."""
    kind = _template(found).kind
    share = _MACHINES.get(kind, 0.0)
    return seeded(f"{found.key}/machine").random() < share


def _spam(found: Draft) -> bytes:
    if _by_machine(found):
        return by_bot(found)
    if found.style == "person":
        return by_impostor(found, inside=False)
    random = seeded(f"{found.key}/way")
    return by_peddler(found, random.choices(["own", "compromised", "service", "free-mail"], [60, 18, 15, 7])[0])


def _armed(found: Draft) -> bytes:
    if _by_machine(found):
        return by_bot(found)
    return by_impostor(found, inside=True) if found.style == "person" else by_stranger(found)


def _malware(counts: dict[str, int], seed: int) -> Iterator[Made]:
    found = list(_drafts("malware", counts["malware"], seed))
    for item in found:
        random = seeded(f"{item.key}/file")
        armed = item.with_files(_template(item).attach, random)
        yield _named("malware", item, _armed(armed))
    for item in [item for item in found if _template(item).twin][: counts["malware-twin"]]:
        kept = with_honest_files(item, seeded(f"{item.key}/honest-file"))
        raw = by_colleague(kept) if item.style == "person" else by_company(kept)
        yield _named("malware-twin", item, raw)
