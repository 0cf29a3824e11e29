"""Mail written by others, who saw neither corpora nor code: what a model that was made on these is worth on it.

Held-out campaigns of a corpus that one makes oneself flatter, and so do corpora whose rows were in sight while the
model was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from seg_ml.evaluation.figures import rounded
from seg_ml.evaluation.intervals import wilson
from seg_ml.evaluation.markdown import share, table_markdown
from seg_ml.evaluation.metrics import at_rate, at_threshold, auc
from seg_ml.evaluation.thresholds import threshold_of

AS_STORED, UNKNOWN = "as its server stored it", "session unknown"
"""With what the receiving server wrote down about the session, and without."""

RATES = (0.01, 0.05)
_SIDES = {"wanted": False, "unwanted": True}


def mail_by_others(folder: Path) -> Iterator[tuple[str, str, bool, bytes]]:
    """Set, name, whether it is unwanted, and bytes of each message in `folder/SET/wanted` and `folder/SET/unwanted`.

    Sets are named after the month in which they were written; the newest comes first.
    """
    for written in sorted((path.name for path in folder.glob("*") if path.is_dir()), reverse=True):
        for side, bad in _SIDES.items():
            for path in sorted((folder / written / side).glob("*.eml")):
                yield written, path.name, bad, path.read_bytes()


def write_strangers(
    table: pd.DataFrame, scores: pd.DataFrame, models: Sequence[str], rate: float, folder: Path
) -> dict[str, Any]:
    """Write `strangers.json` and `strangers.md` into `folder`; the figures.

    `table` has a row per message and session: `set`, `name`, `unwanted`, `session` and a threat probability per model.
    `scores` are those of the evaluation, from whose test split each model's threshold at the false-positive rate
    `rate` is taken: what somebody would have set who knew nothing of this mail.
    """
    figures = strangers_figures(table, scores, models, rate)
    text = json.dumps(figures, indent=2, sort_keys=True, allow_nan=False)
    (folder / "strangers.json").write_text(text + "\n", encoding="utf-8")
    (folder / "strangers.md").write_text(strangers_markdown(figures), encoding="utf-8")
    return figures


def strangers_figures(table: pd.DataFrame, scores: pd.DataFrame, models: Sequence[str], rate: float) -> dict[str, Any]:
    """`rate`, and `sets`: set → `wanted`, `unwanted` (messages), `kinds`, and `sessions`: session → model → figures.

    AUC, F1 at 0.5, recall at each of `RATES` of this mail; `caught` and `flagged` with their Wilson intervals at the
    threshold of the test split. `kinds`: what the first model catches of each kind of unwanted mail, as it was stored.
    """
    thresholds = {model: threshold_of(scores, model, rate) for model in models}
    sets = {str(name): _of_set(rows, models, thresholds) for name, rows in table.groupby("set")}
    return dict(rounded({"rate": rate, "sets": sets}))


def _of_set(table: pd.DataFrame, models: Sequence[str], thresholds: Mapping[str, float]) -> dict[str, Any]:
    once = table[table["session"] == AS_STORED]
    bad = once[once["unwanted"]]
    kinds = bad["name"].str.extract(r"^\d+-([a-z]+)-", expand=False).fillna("other")
    first = models[0]
    return {
        "wanted": int((~once["unwanted"]).sum()),
        "unwanted": len(bad),
        "sessions": {
            str(session): {model: _figures(rows, model, thresholds[model]) for model in models}
            for session, rows in table.groupby("session", sort=False)
        },
        "kinds": {
            str(kind): {"messages": len(rows), "caught": float((rows[first] >= thresholds[first]).mean())}
            for kind, rows in bad.groupby(kinds)
        },
    }


def _figures(rows: pd.DataFrame, model: str, threshold: float) -> dict[str, Any]:
    bad, values = rows["unwanted"].to_numpy(bool), rows[model].to_numpy(float)
    found: dict[str, Any] = {"auc": auc(bad, values), "f1": at_threshold(bad, values, 0.5).f1}
    found |= {f"recall_{rate * 100:g}": at_rate(bad, values, rate).recall for rate in RATES}
    for name, side in (("caught", bad), ("flagged", ~bad)):
        hits = int((values[side] >= threshold).sum())
        ends = wilson(hits, int(side.sum()))
        found[name] = {"share": hits / int(side.sum()), "low": ends.low, "high": ends.high}
    return found


def strangers_markdown(figures: Mapping[str, Any]) -> str:
    """A row per set, session and model, the newest set and `fused` first; below, what is caught of each kind."""
    newest = sorted(figures["sets"].items(), reverse=True)
    rows = [row for name, found in newest for row in _rows(name, found)]
    at = share(figures["rate"])
    header = [
        "written in", "session", "model", "AUC", "F1",
        *(f"recall at {rate * 100:g} % FP" for rate in RATES),
        f"caught at the test split's {at}", "flagged there",
    ]  # fmt: skip
    kinds = [
        f"{name}: "
        + ", ".join(f"{kind} {share(found['caught'])} of {found['messages']}" for kind, found in one["kinds"].items())
        for name, one in newest
    ]
    return f"{table_markdown(header, rows)}\nCaught at that threshold, by kind: {'; '.join(kinds)}.\n"


def _rows(name: str, found: Mapping[str, Any]) -> Iterator[list[str]]:
    where = f"{name} ({found['wanted']} wanted + {found['unwanted']} unwanted)"
    for session, models in found["sessions"].items():
        for number, model in enumerate(sorted(models, key=lambda one: (one != "fused", one))):
            one = models[model]
            cells = [f"{one['auc']:.3f}", f"{one['f1']:.3f}"]
            cells += [share(one[f"recall_{rate * 100:g}"]) for rate in RATES]
            cells += [_with_ends(one[side]) for side in ("caught", "flagged")]
            yield [where, "" if number else session, f"**{model}**" if model == "fused" else model, *cells]
            where = ""


def _with_ends(found: Mapping[str, float]) -> str:
    return f"{share(found['share'])} ({found['low'] * 100:.1f}–{found['high'] * 100:.1f})"
