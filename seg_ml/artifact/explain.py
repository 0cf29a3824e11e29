"""A verdict in words: what moved it, as a person would say it."""

from __future__ import annotations

from collections.abc import Sequence

from seg_ml.domain.verdict import Explanation, Finding, Severity

_KINDS = {"s:": "subject", "u:": "link", "f:": "sender", "t:": "form", "h:": "program"}
_SHOWN_WORDS, _SHOWN_OWN = 8, 4
OWN = "own: "
"""What a word bears that speaks by a correction learned from an organization's own mail."""


def explain(
    label: str,
    probability: float,
    contributions: Sequence[tuple[str, float]],
    findings: Sequence[Finding],
    own: Sequence[tuple[str, float]] = (),
) -> Explanation:
    """Words are (token, weight), positive towards unwanted mail, heaviest first; `own` are those of a correction."""
    words = tuple((readable(token), round(weight, 4)) for token, weight in contributions[:_SHOWN_WORDS])
    mended = tuple((OWN + readable(token), round(weight, 4)) for token, weight in own[:_SHOWN_OWN])
    return Explanation(sentence=_sentence(label, probability, words, findings, mended), words=words + mended)


def readable(token: str) -> str:
    """A token for people: a word, or what kind of thing it says something of."""
    kind = _KINDS.get(token[:2])
    return f"{kind}: {token[2:]}" if kind else token


def _sentence(
    label: str,
    probability: float,
    words: Sequence[tuple[str, float]],
    findings: Sequence[Finding],
    own: Sequence[tuple[str, float]],
) -> str:
    towards = [word for word, weight in words if weight > 0][:4]
    against = [word for word, weight in words if weight < 0][:4]
    parts = [f"Read as {label} with probability {probability:.1%}"]
    if towards:
        parts.append("for unwanted mail speak " + ", ".join(f"“{word}”" for word in towards))
    if against:
        parts.append("against it " + ", ".join(f"“{word}”" for word in against))
    if own:
        shown = ", ".join(f"“{word.removeprefix(OWN)}”" for word, _ in own)
        moved = "raise" if sum(weight for _, weight in own) > 0 else "lower"
        parts.append(f"by your own mail {shown} {moved} it")
    named = sorted({f.signature for f in findings if f.severity >= Severity.LOW})
    parts.append("signatures: " + (", ".join(named[:6]) if named else "none"))
    return "; ".join(parts) + "."
