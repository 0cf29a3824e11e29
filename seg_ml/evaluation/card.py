"""The model card: what a version is, what it learned from, how well it does, and what it is no good for.

The outline follows Mitchell et al., Model Cards for Model Reporting (2019). Nothing in it is typed by hand: figures
come from the evaluation, licences from the corpora's cards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from seg_ml.artifact.manifest import Manifest
from seg_ml.corpora.card import CARDS, load_card
from seg_ml.corpora.store import read_record
from seg_ml.domain.verdict import Label
from seg_ml.evaluation.corpus_probe import DECISION
from seg_ml.evaluation.markdown import share, table_markdown
from seg_ml.evaluation.prices import prices_markdown

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
    manifest: Manifest,
    figures: Mapping[str, Any],
    tables: str,
    lineage: Mapping[str, str] | None = None,
    cards: Path = CARDS,
) -> str:
    """The card as Markdown.

    `manifest` says what the artifact is made of and learned from; `figures` and `tables` are those of the report;
    `lineage` adds what else identifies its origin, by name.
    """
    sections = {
        "Data": _data(manifest, cards),
        "Classes": _classes(manifest),
        "Figures": f"{tables.strip()}\n\n{_figures(figures)}",
        "Intended use": INTENDED,
        "Not good for": "\n".join(f"- {limit}" for limit in (*LIMITS, *_measured_limits(figures, manifest.labels))),
        "Made of": _made_of(manifest),
        "Choices of speed": prices_markdown(manifest),
        "Lineage": _lineage(manifest, lineage or {}),
        "Parameters": f"```yaml\n{yaml.safe_dump(dict(manifest.training.get('params', {})), sort_keys=True)}```",
    }
    text = "\n\n".join(f"## {name}\n\n{section.strip()}" for name, section in sections.items())
    return f"# A classifier of mail\n\n{_summary(figures, manifest.labels)}\n\n{text}\n"


def _summary(figures: Mapping[str, Any], labels: Sequence[str]) -> str:
    tested = figures["test_data"]
    return (
        f"Raw message and session facts in, calibrated probabilities of {', '.join(labels)} out (model "
        f"`{figures['model']}`). Measured on {tested['messages']:,} held-out messages of {tested['campaigns']:,} "
        "campaigns, none of which it saw in training."
    )


def _data(manifest: Manifest, cards: Path) -> str:
    training = manifest.training
    rows, kept = [], []
    for corpus in training.get("corpora", ()):
        licence, shippable = _licence(corpus, cards)
        rows.append([corpus, _fetched(corpus, cards), licence, "yes" if shippable else "no"])
        kept += [] if shippable else [corpus]
    counts = ", ".join(f"{count:,} {label}" for label, count in training.get("labels", {}).items())
    learned = f"Without copies and near-copies, {training.get('messages', 0):,} messages were learned from: {counts}."
    text = f"{table_markdown(['corpus', 'messages fetched', 'licence', 'may be shipped'], rows)}\n{learned}"
    if kept or not manifest.shippable:
        text += f" **Not to be shipped**: {', '.join(kept) or 'a corpus'} is for research, or somebody's own."
    return text


def _fetched(corpus: str, cards: Path) -> str:
    record = read_record(corpus, cards / "raw")
    counts = sorted(record.labels.items()) if record else []
    return ", ".join(f"{count:,} {label}" for label, count in counts) or "–"


def _licence(corpus: str, cards: Path) -> tuple[str, bool]:
    """Licence of a corpus and whether it may be shipped; one with neither card nor record is somebody's own mail."""
    if (cards / f"{corpus}.md").is_file():
        card = load_card(corpus, cards)
        return card.licence, card.shippable
    record = read_record(corpus, cards / "raw")
    return (record.licence, record.shippable) if record else (OWN_MAIL, False)


def _classes(manifest: Manifest) -> str:
    text = f"Told apart: {', '.join(manifest.labels)}."
    absent = [str(label) for label in Label if str(label) not in manifest.labels]
    if absent:
        text += f" **Absent**, for want of data: {', '.join(absent)}. Such mail gets one of the labels above."
    return text


def _figures(figures: Mapping[str, Any]) -> str:
    areas = ((name.replace("_", " "), figures[name]) for name in ("average_precision", "auc", "f1", "ece", "brier"))
    rows = [[name, f"{found['figure']:.4f}", _ends(found)] for name, found in areas]
    for name in (name for name in figures if name.startswith("recall_at_")):
        found = figures[name]
        what = f"recall at {_worded(name)} false positives"
        rows.append([what, f"{found['figure']:.4f}", _ends(found)])
        if carried := found.get("threshold_of_validation"):
            what = f"the same, threshold chosen on validation: recall, at {share(carried['false_positive_rate'], 2)}"
            rows.append([what, f"{carried['recall']:.4f}", "–"])
    if (seen := figures.get("probe", {}).get(DECISION, {})).get("auc"):
        what = "corpus of wanted mail told from the decision, within a genre (AUC; 0.5 is not at all)"
        rows.append([what, f"{seen['auc']:.4f}", "–"])
    if "threshold" in (kept := figures.get("promise", {})):
        what = f"wanted mail flagged where at most {share(kept['promised'], 2)} was promised"
        rows.append([what, f"{kept['false_positive_rate']:.4f}", f"{kept['low']:.4f}–{kept['high']:.4f}"])
    if "latency_ms" in figures:
        times = figures["latency_ms"]
        rows.append(["milliseconds a message, p50 and p95", f"{times['p50']:.0f}, {times['p95']:.0f}", "–"])
    return table_markdown(["figure", "value", "95 % interval"], rows)


def _made_of(manifest: Manifest) -> str:
    signatures = ", ".join(f"{name} {version}" for name, version in manifest.signatures)
    features = ", ".join(f"{name} {version}" for name, version in manifest.features)
    return (
        f"Signatures and versions: {signatures}.\n\nFeature blocks and versions: {features}.\n\n"
        f"Precision of the transformer: {manifest.precision}."
    )


def _lineage(manifest: Manifest, lineage: Mapping[str, str]) -> str:
    training = manifest.training
    origin: dict[str, str] = {
        key: str(training[key]) for key in ("git_commit", "data_sha256", "splits_sha256") if key in training
    }
    origin.update(lineage)
    return table_markdown(["what", "value"], [[name, f"`{value}`"] for name, value in origin.items()])


def _measured_limits(figures: Mapping[str, Any], labels: Sequence[str]) -> Iterable[str]:
    if "phishing" not in labels:
        yield "Phishing, which it never learned: identity checks and signatures have to catch it."
    behind = figures.get("behind_baseline", {}).get("names", [])
    if behind:
        yield f"Slices in which it falls behind the baseline: {'; '.join(behind)}."
    if broken := figures.get("promise", {}).get("broken", []):
        yield f"Wanted mail of which more is flagged than was promised of all: {'; '.join(broken)}."


def _ends(figure: Mapping[str, Any]) -> str:
    return "–" if figure["low"] is None else f"{figure['low']:.4f}–{figure['high']:.4f}"


def _worded(name: str) -> str:
    """`recall_at_0_5_percent` → `0.5 %`."""
    return name.removeprefix("recall_at_").removesuffix("_percent").replace("_", ".") + " %"
