"""The promotion gate: five questions, each with a figure and a bound.

Recall at a fixed false-positive rate, calibration error, latency, how much the corpus shows in the decision, and no
slice worse than the champion's. Every question is answered even after one has failed, so that a refusal says all there
is to mend.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seg_ml.evaluation.corpus_probe import DECISION
from seg_ml.evaluation.figures import key_of
from seg_ml.evaluation.settings import exactly

Figures = Mapping[str, Any]
"""`Report.figures`, as evaluation wrote and the registry kept them."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a version must keep to; the mapping `gate:` of `params.yaml`.

    `rate` is a false-positive rate that evaluation measured; `recall` (at least) and `ece` (at most) are in [0, 1].
    Where several corpora were measured, each keeps to `recall` by itself, those that were made and not collected to
    `made_recall`: no corpus makes up for another. `latency_p95_ms` is milliseconds a message. `corpus_auc` (at most,
    in [0.5, 1]) is how well the corpus of wanted mail of one genre may be told from the decision (see
    `corpus_probe`). A slice is worse when it loses more than `slice_margin` of recall, or gains more than that in
    false positives; below `slice_minimum` counted messages it cannot be.
    """

    rate: float
    recall: float
    made_recall: float
    ece: float
    latency_p95_ms: float
    corpus_auc: float
    slice_margin: float
    slice_minimum: int


@dataclass(frozen=True, slots=True)
class Check:
    """One question answered. `figure` is `None` where it was never measured, which does not pass."""

    name: str
    figure: float | None
    bound: float
    passed: bool
    detail: str = ""

    def __str__(self) -> str:
        measured = "not measured" if self.figure is None else f"{self.figure:g}"
        return f"{self.name}: {measured}, bound {self.bound:g}" + (f" ({self.detail})" if self.detail else "")


def bounds_from(params: Mapping[str, Any]) -> Bounds:
    """Read the mapping `gate:` of `params.yaml`.

    Raises:
        ConfigError: a key is missing or unknown.
    """
    return exactly(Bounds, params, "gate")


def gate(figures: Figures, champion: Figures | None, bounds: Bounds) -> tuple[Check, ...]:
    """Every check of a proposed version against the bounds and the reigning champion (`None` for the first)."""
    return (
        *_recalls(figures, bounds),
        _at_most("calibration error (ECE)", figures.get("ece", {}).get("figure"), bounds.ece),
        _at_most("latency p95, ms", figures.get("latency_ms", {}).get("p95"), bounds.latency_p95_ms),
        _corpus(figures, bounds),
        _slices(figures, champion, bounds),
    )


def _recalls(figures: Figures, bounds: Bounds) -> Iterator[Check]:
    name, key = f"recall at {bounds.rate * 100:g} % false positives", key_of(bounds.rate)
    corpora, made = figures.get("corpora") or {}, figures.get("made_corpora") or ()
    for corpus in sorted(corpora):
        recall = corpora[corpus].get(figures["model"], {}).get(key)
        yield _at_least(f"{name}, {corpus}", recall, bounds.made_recall if corpus in made else bounds.recall)
    if not corpora:
        yield _at_least(name, figures.get(key, {}).get("figure"), bounds.recall)


def _corpus(figures: Figures, bounds: Bounds) -> Check:
    """Passes where nothing could be told apart, one corpus being all there is; not where nobody looked."""
    name = "corpus told from the decision, AUC"
    found = figures.get("probe", {}).get(DECISION, {})
    if found.get("reason"):
        return Check(name, 0.5, bounds.corpus_auc, True, str(found["reason"]))
    return _at_most(name, found.get("auc"), bounds.corpus_auc)


def comparable(figures: Figures, champion: Figures) -> Figures | None:
    """The champion's figures on the messages that the proposed version was measured on, `None` where there are none.

    Its own, if the test data are the same; else those taken of it when the proposed version was registered. Both name
    the champion as `version`: one that reigned then and no longer does is no yardstick.
    Of messages that the champion learned from those taken of it hold nothing (see `evaluation.champion`).
    """
    wanted = figures.get("test_data", {}).get("sha256")
    for candidate in (champion, figures.get("champion")):
        same = candidate and candidate.get("version") == champion.get("version")
        if candidate and same and wanted and candidate.get("test_data", {}).get("sha256") == wanted:
            return dict(candidate)
    return None


def _slices(figures: Figures, champion: Figures | None, bounds: Bounds) -> Check:
    """The largest loss of any slice against the champion; 0 for the first champion there is."""
    name = "largest loss of a slice"
    if champion is None:
        return Check(name, 0.0, bounds.slice_margin, True, "there is no champion yet")
    found = figures.get("champion") or {}
    if "unreadable" in found and found.get("version") == champion.get("version"):
        detail = f"no yardstick: the champion is of an earlier version of this code ({found['unreadable']})"
        return Check(name, 0.0, bounds.slice_margin, True, detail)
    measured = comparable(figures, champion)
    if measured is None:
        detail = "the champion was measured on other test data: `dvc repro --force register` measures it on these"
        return Check(name, None, bounds.slice_margin, False, detail)
    losses = list(_losses(figures, measured, bounds.slice_minimum))
    loss, where = max(losses, default=(0.0, ""))
    passed = loss <= bounds.slice_margin + 1e-9
    said = filter(None, [where if loss > 0 else "", _acquaintance(figures, measured, any_left=bool(losses))])
    return Check(name, round(max(loss, 0.0), 4), bounds.slice_margin, passed, "; ".join(said))


def _acquaintance(figures: Figures, champion: Figures, any_left: bool) -> str:
    """What the champion knows, or may know, of the messages that it was measured on; empty where there is nothing."""
    if champion.get("unrecorded"):
        return "the champion may know this mail: of what it learned from there is no record"
    if not champion.get("left_out"):
        return ""
    known = f"{champion['left_out']} of {figures['test_data'].get('messages', 'all')} test messages"
    if not any_left:
        return f"no yardstick: the champion learned from {known}, or from their campaigns, and too few remain"
    return f"without {known}, which the champion learned from, or from their campaigns"


def _losses(figures: Figures, champion: Figures, minimum: int) -> Iterator[tuple[float, str]]:
    """How much worse each slice of the champion's became, and its name; a gain is negative.

    Where the champion knows some of the messages, the slices of both are those of the others; with fewer wanted ones
    than `minimum` among these no threshold could be set.
    """
    if "compared" in champion and champion["compared"]["wanted"] < minimum:
        return
    proposed = champion.get("proposed", figures)
    for by, values in champion.get("slices", {}).items():
        for value, before in values.items():
            after = proposed.get("slices", {}).get(by, {}).get(value, {})
            for measure, counted, sign in (("recall", "unwanted", 1), ("false_positive_rate", "ham", -1)):
                if min(before.get(counted, 0), after.get(counted, 0)) < minimum:
                    continue
                loss = sign * (before[measure] - after[measure])
                yield loss, f"{by}: {value}, {measure.replace('_', ' ')} {before[measure]:g} → {after[measure]:g}"


def _at_least(name: str, figure: float | None, bound: float) -> Check:
    known = figure is not None and math.isfinite(figure)
    return Check(name, figure if known else None, bound, known and float(figure or 0.0) >= bound, "at least")


def _at_most(name: str, figure: float | None, bound: float) -> Check:
    known = figure is not None and math.isfinite(figure)
    return Check(name, figure if known else None, bound, known and float(figure or 0.0) <= bound, "at most")
