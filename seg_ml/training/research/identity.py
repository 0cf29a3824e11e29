"""The same letter from two senders, and two letters from the same sender: what a model makes of who writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seg_ml.artifact.clearing import clearing
from seg_ml.artifact.model import MailModel
from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.drafts import Draft, draft
from seg_ml.corpora.modern.letters import Template, templates
from seg_ml.corpora.modern.post import by_company, by_stranger
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.mail.parse import parse
from seg_ml.signatures.domains import organizational_domain
from seg_ml.training.research.canvas import UNWANTED_COLOUR, WANTED_COLOUR, canvas, name

HONEST, HOSTILE, OTHER_LETTERHEAD = "by the company", "by a stranger", "under another name"
_KINDS = ("transactional", "newsletter")


@dataclass(frozen=True, slots=True)
class Pair:
    """One letter, sent by the company that it names and by somebody who pretends to be it."""

    letter: Draft
    honest: ScoreRequest
    hostile: ScoreRequest


def letter_pairs(count: int, seed: int = 1, language: str = "") -> list[Pair]:
    """That many pairs, of which both messages bear results of authentication; the same for the same seed.

    The letters are none of the corpus `modern`: the templates are the same, what they are filled with is not.
    """
    found: list[Pair] = []
    for letter in _drafts(seed, language):
        pair = Pair(letter, stored_request(by_company(letter)), stored_request(by_stranger(letter)))
        if pair.honest.authentication.evaluated and pair.hostile.authentication.evaluated:
            found.append(pair)
        if len(found) == count:
            break
    return found


def other_letterheads(pairs: Sequence[Pair]) -> list[ScoreRequest]:
    """For each pair, a letter of another company, of the same style if there is one, sent by its honest sender."""
    found = []
    for index, pair in enumerate(pairs):
        choices = [item.letter for item in (*pairs[index + 1 :], *pairs[:index]) if _fits(item.letter, pair.letter)]
        other = min(choices, key=lambda letter: letter.style != pair.letter.style, default=pair.letter)
        sender = replace(other, key=pair.letter.key, company=pair.letter.company, name=pair.letter.name)
        found.append(stored_request(by_company(sender)))
    return found


def _fits(other: Draft, letter: Draft) -> bool:
    return other.language == letter.language and other.company != letter.company


def _drafts(seed: int, language: str) -> Iterator[Draft]:
    chosen = [item for item in templates() if item.kind in _KINDS and language in ("", item.language)]
    order: list[Template] = seeded(f"pairs/{seed}").sample(chosen, len(chosen))
    for number in range(50 * len(order)):
        yield draft(order[number % len(order)], f"pairs/{seed}/{number:05d}")


def side_by_side(pair: Pair) -> pd.DataFrame:
    """What differs between the two messages of a pair: who, proven how, and where links lead."""
    return pd.DataFrame({HONEST: _facts(pair.honest), HOSTILE: _facts(pair.hostile)})


def _facts(request: ScoreRequest) -> dict[str, str]:
    message, results = parse(request.raw), request.authentication
    hosts = dict.fromkeys(link.target.split("/")[2] for link in message.links if "://" in link.target)
    return {
        "subject": message.subject,
        "name shown": message.author.display_name,
        "author": message.author.addr_spec,
        "reverse-path": request.envelope.reverse_path or "",
        "SPF": f"{results.spf} {results.spf_domain or ''}",
        "DKIM": f"{results.dkim} {', '.join(results.dkim_domains)}",
        "DMARC": f"{results.dmarc} (policy {results.dmarc_policy})",
        "links lead to": ", ".join(sorted({organizational_domain(host) or host for host in hosts})),
    }


def pair_scores(model: MailModel, pairs: Sequence[Pair]) -> pd.DataFrame:
    """A row per pair: company, language, template, whether a brand, and the probability of either message."""
    return pd.DataFrame(
        {
            "company": [pair.letter.company.name for pair in pairs],
            "language": [pair.letter.language for pair in pairs],
            "template": [pair.letter.template for pair in pairs],
            "brand": [pair.letter.company.brand is not None for pair in pairs],
            HONEST: _threats(model, [pair.honest for pair in pairs]),
            HOSTILE: _threats(model, [pair.hostile for pair in pairs]),
        }
    )


def _threats(model: MailModel, requests: Sequence[ScoreRequest]) -> list[float]:
    return [verdict.threat_probability for verdict in model.score(requests)]


def letterhead_scores(model: MailModel, pairs: Sequence[Pair]) -> list[float]:
    """Probability of the letters of `other_letterheads`, a number per pair."""
    return _threats(model, other_letterheads(pairs))


def plot_pairs(table: pd.DataFrame, left: str, right: str, title: str) -> Figure:
    """A line per pair, from the probability of one message to that of the other; grey where it does not rise."""
    figure, axes = canvas(title, "", "probability of being unwanted", (6.4, 4.8))
    rises = (table[right] > table[left]).to_numpy()
    for start, end, up in zip(table[left], table[right], rises, strict=True):
        axes.plot([0, 1], [start, end], color=UNWANTED_COLOUR if up else "#888888", linewidth=0.8, alpha=0.5)
    axes.scatter(np.zeros(len(table)), table[left], s=16, color=WANTED_COLOUR, zorder=3, clip_on=False)
    axes.scatter(np.ones(len(table)), table[right], s=16, color=UNWANTED_COLOUR, zorder=3, clip_on=False)
    axes.set_xticks([0, 1], [left, right])
    axes.set(xlim=(-0.15, 1.15), ylim=(0, 1))
    name(axes, f"{title}\nhigher on the right in {rises.sum()} of {len(table)}", "", "probability of being unwanted")
    return figure


def what_would_clear(model: MailModel, requests: Sequence[ScoreRequest], limit: float = 0.5) -> pd.DataFrame:
    """How often each change is among the fewest that would let a message pass; a row per change.

    Messages that pass already are left out; those that no three changes would clear are counted as such.
    """
    counted: Counter[str] = Counter()
    asked = 0
    for request, verdict in zip(requests, model.score(requests), strict=True):
        if verdict.threat_probability < limit:
            continue
        asked += 1
        found = clearing(model, request, limit)
        counted.update(_short(change) for change in found.changes) if found else counted.update(["nothing would"])
    rows = [[change, count, count / asked] for change, count in counted.most_common()]
    return pd.DataFrame(rows, columns=["change", "messages", "share"]).set_index("change")


def _short(change: str) -> str:
    """Words differ from message to message; that it was words is what is counted."""
    return "without some of its words or link names" if change.startswith("without the words") else change


def plot_clearing(table: pd.DataFrame) -> Figure:
    """A bar per change."""
    title = "what would have let the hostile letters pass"
    figure, axes = canvas(title, "messages (several changes may be needed for one)", "", (8, 0.34 * len(table) + 1.4))
    heights = np.arange(len(table))[::-1]
    axes.barh(heights, table["messages"], color=WANTED_COLOUR)
    axes.set_yticks(heights, [str(change) for change in table.index], fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
