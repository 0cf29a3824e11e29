"""The results of the README: tables between two marks, written from what the stages measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.by_slice import everywhere_said
from seg_ml.evaluation.markdown import share, table_markdown, with_interval
from seg_ml.evaluation.robustness import WITH, WITHOUT, copies_caption
from seg_ml.evaluation.strangers import strangers_markdown
from seg_ml.evaluation.unseen import unseen_markdown

BEGIN, END = "<!-- results: written by `dvc repro results` -->", "<!-- end of results -->"
_RATES = ("recall_at_0_1_percent", "recall_at_0_5_percent", "recall_at_1_percent")
_SHOWN = ("fused", "baseline", "transformer", "signatures", "year only", "header names only")


def write_results(readme: Path, folder: Path) -> None:
    """Replace what stands between the marks of `readme` by tables of the figures in `folder`.

    Raises:
        ConfigError: the marks are missing, or the evaluation has not run.
    """
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ConfigError(f"{readme}: the lines {BEGIN!r} and {END!r} must stand around the results")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{results_markdown(folder)}\n{END}{after}", encoding="utf-8")


def results_markdown(folder: Path) -> str:
    """Tables of held-out campaigns by corpus and in parts, of mail unlike what was learned from, of attacks.

    What was not measured makes none.
    """
    metrics = _read(folder / "metrics.json")
    if metrics is None:
        raise ConfigError(f"{folder / 'metrics.json'} does not exist: dvc repro evaluate")
    parts = [_held_out(metrics)]
    if "threshold" in metrics.get("promise", {}):
        parts.append(_parts(metrics))
    if unseen := _read(folder / "unseen.json"):
        parts.append(
            "Mail unlike what was learned from: every corpus left out in turn, and later years; wanted + unwanted "
            "messages, intervals by campaign.\n\n" + unseen_markdown(unseen)
        )
    if strangers := _read(folder / "strangers.json"):
        parts.append(
            "Mail invented by other hands, that saw neither corpora nor code (`data/strangers/README.md`); the "
            "threshold is that of the test split.\n\n" + strangers_markdown(strangers)
        )
    if robustness := _read(folder / "robustness.json"):
        parts.append(_attacks(robustness))
    return "\n".join(parts)


def _held_out(metrics: dict[str, Any]) -> str:
    header = [
        "held-out campaigns of",
        "model",
        *(f"recall at {rate} % FP" for rate in ("0.1", "0.5", "1")),
        "AUC",
        "ECE",
    ]
    rows = []
    for corpus, models in {**metrics.get("corpora", {}), "all together": metrics["models"]}.items():
        for model in _SHOWN:
            if model in models:
                found = models[model]
                cells = [*(share(found[key]) for key in _RATES), f"{found['auc']:.3f}", f"{found['ece']:.3f}"]
                rows.append(
                    [corpus if model == _SHOWN[0] else "", f"**{model}**" if model == "fused" else model, *cells]
                )
    count = metrics["test_data"]
    return (
        f"Campaigns held out: {count['messages']:,} messages of {count['campaigns']:,} campaigns that no model saw.\n\n"
        + table_markdown(header, rows)
        + _out_of_fold(metrics.get("out_of_fold", {}))
    )


def _out_of_fold(figures: dict[str, Any]) -> str:
    """The same of the messages to learn from, each judged by folds that did not see its campaign."""
    if not figures:
        return ""
    rows = [
        [name, f"{found['messages']:,}", *(with_interval(found[rate]) for rate in _RATES), f"{found['auc']:.3f}"]
        for name, found in {**figures["corpora"], "all together": figures}.items()
    ]
    header = ["out of fold", "messages", *(f"recall at {rate} % FP" for rate in ("0.1", "0.5", "1")), "AUC"]
    return (
        "\nA steadier measure, of more mail: **fused** on the messages to learn from, each judged by folds that saw "
        f"none of its campaign.\n\n{table_markdown(header, rows)}"
    )


def _parts(metrics: dict[str, Any]) -> str:
    """Genres and languages: what is caught, what is flagged, calibration, and what came of the promise there."""
    promise, slices = metrics["promise"], metrics["slices"]
    kept = {(row["by"], row["value"]): row for row in promise["slices"]}
    rows = []
    for by in ("genre", "language"):
        for value, found in slices.get(by, {}).items():
            promised = kept.get((by, value))
            cells = [share(found["recall"]), share(found["false_positive_rate"], 2), _three(found["ece"])]
            cells += [f"{share(promised['rate'], 2)}, {promised['kept']}" if promised else "–"]
            rows.append([f"{by}: {value}", f"{found['ham']:,} + {found['unwanted']:,}", *cells])
    header = [
        "part",
        "wanted + unwanted",
        "recall",
        "false positives",
        "ECE",
        f"≤ {share(promise['promised'])} promised",
    ]
    return f"{_promised(metrics)}\n\n{table_markdown(header, rows)}"


def _promised(metrics: dict[str, Any]) -> str:
    promise, probe = metrics["promise"], metrics["probe"]["decision"]
    large = [
        (found["ece"], f"{by}: {value}")
        for by, values in metrics["slices"].items()
        for value, found in values.items()
        if found["ece"] is not None and not found["small"]
    ]
    worst, where = max(large, default=(None, "no slice"))
    auc = probe["auc"]
    told = "" if auc is None else f" The corpus of wanted mail is told from the decision with AUC {auc:.2f}."
    flagged = share(promise["false_positive_rate"], 2)
    everywhere = f"{everywhere_said(promise['everywhere'])} " if promise.get("everywhere") else ""
    return (
        f"The same in parts. At most {share(promise['promised'])} of wanted mail flagged, conformal prediction "
        f"promised: {flagged} ({promise['low'] * 100:.2f}–{promise['high'] * 100:.2f}) is. "
        f"Broken for certain in: {', '.join(promise['broken']) or 'no slice'}. {everywhere}"
        f"Largest ECE of a slice: {_three(worst)} ({where}).{told}"
    )


def _three(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _attacks(robustness: dict[str, Any]) -> str:
    rows = [
        [name, share(found["fused"]["recall"]), _change(found["fused"]), share(found["baseline"]["recall"])]
        + [_change(found[model]) for model in (WITHOUT, WITH) if model in found]
        for name, found in robustness["attacks"].items()
    ]
    intro = (
        f"{robustness['messages']} held-out threats under attack, at {share(robustness['rate'])} false positives.\n\n"
    )
    beyond = ""
    if "most_lost" in robustness:
        named = ", ".join(robustness["beyond"]) or "no attack"
        beyond = f"\nMore than {robustness['most_lost'] * 100:g} points are lost to: {named}.\n"
    header = ["attack", "**fused**", "points", "baseline"]
    if "copies" in robustness:
        header += ["points, learned without disguised copies", "points, with them"]
    tables = table_markdown(header, rows) + copies_caption(robustness) + beyond
    return intro + tables + _letters(robustness)


def _change(found: dict[str, float]) -> str:
    return f"{0.0 - found['lost'] * 100:+.1f}"


def _letters(robustness: dict[str, Any]) -> str:
    """How often the verdict of a letter stays in other languages, beside other wordings of one; where measured."""
    openings = {
        "languages": "One letter in seven languages, sender and links kept,",
        "wordings": "For comparison, one letter in seven English wordings, in which a detail may differ too,",
    }
    said = "".join(
        f"\n{opening} has one verdict in all: {_by_source(robustness[name])}.\n"
        for name, opening in openings.items()
        if name in robustness
    )
    return said + _contrary(robustness) if "band" in robustness else said


def _contrary(robustness: dict[str, Any]) -> str:
    """How often a letter is delivered in one language and held in another, where what is in doubt is looked at."""
    band = robustness["band"]
    found = "; ".join(
        f"of letters that the model {source} {share(by['both']['contrary'])} of {by['both']['letters']}"
        for source, by in robustness["languages"].items()
    )
    return (
        f"\nWhere somebody looks at what is in doubt (scores from {band['low']:.2f} to {band['high']:.2f}: "
        f"{share(band['wanted looked at'])} of wanted and {share(band['unwanted looked at'])} of unwanted mail of the "
        f"test split, and {share(band['unwanted delivered'])} of the latter is delivered unseen), one letter is "
        f"delivered in one language and held in another: {found}.\n"
    )


def _by_source(agreement: dict[str, Any]) -> str:
    return "; ".join(f"of letters that the model {source} {_by_sender(found)}" for source, found in agreement.items())


def _by_sender(agreement: dict[str, Any]) -> str:
    said = [
        f"{with_interval({**found, 'figure': found['all agree']})} of {found['letters']} from {by}"
        for by, found in agreement.items()
        if by != "both"
    ]
    return ", ".join(said)


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
