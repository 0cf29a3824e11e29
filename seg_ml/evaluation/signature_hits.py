"""Which signatures hit what: messages by corpus, label, signature and severity, and what they may not hit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import WANTED, Finding, Severity
from seg_ml.evaluation.markdown import share, table_markdown
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import Observer, SignatureEngine

BOUND = 0.001
"""Share of a corpus of wanted mail that a signature of high severity or above may hit."""

COLUMNS = ("corpus", "label", "signature", "severity", "messages", "hits", "rate")


class Place(NamedTuple):
    """Where a message comes from."""

    corpus: str
    label: str


@dataclass
class Tally:
    """Messages of each place, and those among them with a finding of a signature and severity."""

    messages: Counter[Place] = field(default_factory=Counter)
    hits: Counter[tuple[Place, str, Severity]] = field(default_factory=Counter)

    def add(self, place: Place, findings: Iterable[Finding]) -> None:
        """Count one message."""
        self.messages[place] += 1
        self.hits.update({(place, finding.signature, finding.severity) for finding in findings})

    def table(self) -> pd.DataFrame:
        """A row per place, signature and severity that hit there; columns as in `COLUMNS`."""
        rows = [
            (*place, signature, severity.name.lower(), self.messages[place], hits, hits / self.messages[place])
            for (place, signature, severity), hits in self.hits.items()
        ]
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        return table.sort_values(["signature", "severity", "label", "corpus"], ignore_index=True)


def findings_of(
    engine: SignatureEngine, request: ScoreRequest, observer: Observer | None = None
) -> tuple[Finding, ...]:
    """What signatures say about a request."""
    return engine.inspect(request, parse(request.raw), observer)


def beyond_bound(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that may not be: high or above on more than `BOUND` of a corpus of wanted mail."""
    grave = table["severity"].map(lambda name: Severity[str(name).upper()] >= Severity.HIGH)
    wanted = table["label"].isin([label.value for label in WANTED])
    found: pd.DataFrame = table[grave.astype(bool) & wanted & (table["hits"] > BOUND * table["messages"])]
    return found


def hits_markdown(table: pd.DataFrame, places: Counter[Place]) -> str:
    """A row per signature and severity, a column per corpus and label, wanted mail first."""
    wanted = {label.value for label in WANTED}
    order = sorted(places, key=lambda place: (place.label not in wanted, place))
    rates: dict[Any, float] = table.set_index(["signature", "severity", "corpus", "label"])["rate"].to_dict()
    keys = sorted({(str(row.signature), str(row.severity)) for row in table.itertuples()})
    header = ["signature", "severity", *(f"{place.corpus} {place.label} ({places[place]})" for place in order)]
    rows = [
        [*key, *(share(rates[(*key, *place)], 2) if (*key, *place) in rates else "" for place in order)] for key in keys
    ]
    broken = beyond_bound(table)
    lines = [
        f"- `{row.signature}` is {row.severity} on {row.hits} of {row.messages} in {row.corpus} {row.label}\n"
        for row in broken.itertuples()
    ]
    verdict = "".join(lines) or "None.\n"
    bound = f"High or above on more than {BOUND:.1%} of a corpus of wanted mail:\n\n{verdict}"
    return f"# Hits of the signatures\n\nShare of messages with a finding.\n\n{table_markdown(header, rows)}\n{bound}"
