"""The model card: what a version is, what it learned from, how well it does, and what it is no good for.

The outline follows Mitchell et al., Model Cards for Model Reporting (2019). Nothing in it is typed by hand: figures
come from the evaluation, licences from the corpora's cards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from seg_ml.corpora.card import CARDS, load_card
from seg_ml.corpora.store import read_record
from seg_ml.domain.verdict import Label
from seg_ml.evaluation.markdown import share, table_markdown, with_interval

OWN_MAIL = "mail of its owner"

INTENDED = """Judging mail that arrives at a gateway, beside signatures and session facts, as one voice among them: the
model says how likely a message is unwanted, a policy decides what becomes of it. Probabilities are calibrated on
held-out mail of the same corpora; choose thresholds by the false-positive rate you can bear, on mail of your own."""

LIMITS = (
    "Mail of other years, languages or organizations than in the table of data: figures do not carry over to it.",
    "Deciding alone. It knows nothing of what your users expect, and no attachment is run or opened by it.",
    "Judging people. A verdict is about a message, never about who sent it.",
)


def model_card(
    figures: Mapping[str, Any],
    messages: pd.DataFrame,
    labels: Sequence[str],
    lineage: Mapping[str, str],
    params: Mapping[str, Any],
    cards: Path = CARDS,
) -> str:
    """The card as Markdown.

    `figures` are those of the report; `messages` the training mail (columns corpus and label are read); `labels`
    the classes of the artifact; `lineage` what identifies its origin, by name; `params` what `params.yaml` held.
    """
    sections = {
        "seg-mail": _summary(figures, labels),
        "Data": _data(messages, cards),
        "Classes": _classes(labels),
        "Figures": _figures(figures),
        "Slices": _slices(figures.get("slices", {})),
        "Intended use": INTENDED,
        "Not good for": "\n".join(f"- {limit}" for limit in (*LIMITS, *_measured_limits(figures, labels))),
        "Lineage": table_markdown(["what", "value"], [[name, f"`{value}`"] for name, value in lineage.items()]),
        "Parameters": f"```yaml\n{yaml.safe_dump(dict(params), sort_keys=True)}```",
    }
    title, *rest = sections.items()
    return "\n\n".join([f"# {title[0]}\n\n{title[1]}", *(f"## {name}\n\n{text.strip()}" for name, text in rest)]) + "\n"


def _summary(figures: Mapping[str, Any], labels: Sequence[str]) -> str:
    tested = figures["test_data"]
    return (
        f"A classifier of mail ({figures['model']}): raw message and session facts in, calibrated probabilities of "
        f"{', '.join(labels)} out. Measured on {tested['messages']:,} held-out messages of {tested['campaigns']:,} "
        "campaigns, none of which it saw in training."
    )


def _data(messages: pd.DataFrame, cards: Path) -> str:
    rows, kept = [], []
    counted = messages.groupby(["corpus", "label"]).size().reset_index(name="messages")
    for corpus, label, count in counted.astype({"corpus": str, "label": str}).to_numpy():
        licence, shippable = _licence(corpus, cards)
        rows.append([corpus, label, f"{count:,}", licence, "yes" if shippable else "no"])
        kept += [] if shippable else [corpus]
    table = table_markdown(["corpus", "label", "messages", "licence", "may be shipped"], rows)
    if not kept:
        return table
    return (
        f"{table}\n**Not to be shipped**: it learned from {', '.join(sorted(set(kept)))}, which allows research only."
    )


def _licence(corpus: str, cards: Path) -> tuple[str, bool]:
    """Licence of a corpus and whether it may be shipped; one with neither card nor record is somebody's own mail."""
    if (cards / f"{corpus}.md").is_file():
        card = load_card(corpus, cards)
        return card.licence, card.shippable
    record = read_record(corpus, cards / "raw")
    return (record.licence, record.shippable) if record else (OWN_MAIL, False)


def _classes(labels: Sequence[str]) -> str:
    absent = [str(label) for label in Label if str(label) not in labels]
    text = f"Told apart: {', '.join(labels)}."
    if absent:
        text += f" **Absent**, for want of data: {', '.join(absent)}. Such mail gets one of the labels above."
    return text


def _figures(figures: Mapping[str, Any]) -> str:
    rates = [name for name in figures if name.startswith("recall_at_")]
    rows = [[_worded(name), with_interval(figures[name]), _carried(figures[name])] for name in rates]
    table = table_markdown(["at false positives of", "recall (95 %)", "with the threshold chosen on validation"], rows)
    areas = ((name.replace("_", " "), figures[name]) for name in ("average_precision", "auc", "f1", "ece", "brier"))
    others = [[name, f"{f['figure']:.4f} ({_ends(f)})"] for name, f in areas]
    if "latency_ms" in figures:
        times = figures["latency_ms"]
        others.append(["milliseconds a message, p50 and p95", f"{times['p50']:.0f}, {times['p95']:.0f}"])
    return f"{table}\n{table_markdown(['figure', 'value (95 %)'], others)}\n{_others(figures)}"


def _others(figures: Mapping[str, Any]) -> str:
    """The other models on the same messages, those that see no threat included."""
    rows = [
        [model, *(share(value) for name, value in row.items() if name.startswith("recall_at_")), f"{row['auc']:.4f}"]
        for model, row in figures["models"].items()
    ]
    names = [name for name in next(iter(figures["models"].values())) if name.startswith("recall_at_")]
    return table_markdown(["model", *(f"recall at {_worded(name)}" for name in names), "AUC"], rows)


def _slices(slices: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{by}: {value}" + (" (small)" if found["small"] else ""),
            f"{found['n']:,}",
            with_interval({"figure": found["recall"], "low": found["recall_low"], "high": found["recall_high"]}),
            share(found["false_positive_rate"]),
            "–" if found["ece"] is None else f"{found['ece']:.3f}",
        ]
        for by, values in slices.items()
        for value, found in values.items()
    ]
    return table_markdown(["slice", "messages", "recall", "false positives", "ECE"], rows)


def _measured_limits(figures: Mapping[str, Any], labels: Sequence[str]) -> Iterable[str]:
    if "phishing" not in labels:
        yield "Phishing, which it never learned: identity checks and signatures have to catch it."
    behind = figures.get("behind_baseline", {}).get("names", [])
    if behind:
        yield f"Slices in which it falls behind the baseline: {'; '.join(behind)}."


def _carried(figure: Mapping[str, Any]) -> str:
    found = figure.get("threshold_of_validation")
    if not found:
        return "–"
    return f"{share(found['recall'])} at {share(found['false_positive_rate'], 2)}"


def _ends(figure: Mapping[str, Any]) -> str:
    return "–" if figure["low"] is None else f"{figure['low']:.4f}–{figure['high']:.4f}"


def _worded(name: str) -> str:
    """`recall_at_0_5_percent` → `0.5 %`."""
    return name.removeprefix("recall_at_").removesuffix("_percent").replace("_", ".") + " %"
