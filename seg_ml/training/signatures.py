"""Stage `signatures`: what each signature hits in every corpus at hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from seg_ml.compute.executor import spread
from seg_ml.corpora.archive import ArchiveSource, corpora_dir
from seg_ml.corpora.catalogue import CORPORA
from seg_ml.corpora.requests import stored_request
from seg_ml.domain.verdict import Finding
from seg_ml.evaluation.signature_hits import Place, Tally, beyond_bound, findings_of, hits_markdown
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.training import paths
from seg_ml.training.params import Params
from seg_ml.training.progress import console

HITS = "signatures.csv"
HITS_PAGE = "signatures.md"
_BLOCK = 256


def measure_signatures(params: Params) -> None:
    """Write `signatures.csv` and `signatures.md`; what is beyond the bound on wanted mail is said, and a test fails."""
    tally = Tally()
    for place, found in spread(_findings, messages(), chunk=16):
        tally.add(place, found)
    table = tally.table()
    paths.EVALUATION.mkdir(parents=True, exist_ok=True)
    table.to_csv(paths.EVALUATION / HITS, index=False, float_format="%.6f")
    (paths.EVALUATION / HITS_PAGE).write_text(hits_markdown(table, tally.messages), encoding="utf-8")
    for row in beyond_bound(table).itertuples():
        console.print(f"  beyond the bound: {row.signature} {row.severity} on {row.hits} in {row.corpus} {row.label}")


def messages(raw: Path = paths.RAW) -> Iterator[tuple[Place, bytes]]:
    """Every message of the fetched corpora, and of those archives of `$SEG_CORPORA_DIR` that were not fetched."""
    fetched = sorted(raw.glob("*.parquet"))
    for path in fetched:
        for batch in pq.ParquetFile(path).iter_batches(_BLOCK, columns=["corpus", "label", "raw"]):
            for row in batch.to_pylist():
                yield Place(row["corpus"], row["label"]), row["raw"]
    there = {path.stem for path in fetched}
    for source in CORPORA.resolve(sorted(set(CORPORA) - there)):
        if isinstance(source, ArchiveSource) and (corpora_dir() / source.card.location).is_file():
            for mail in source.messages():
                yield Place(source.card.id, str(mail.label)), mail.raw


def _findings(mail: tuple[Place, bytes]) -> tuple[Place, tuple[Finding, ...]]:
    place, raw = mail
    return place, findings_of(_engine(), stored_request(raw))


@lru_cache(maxsize=1)
def _engine() -> SignatureEngine:
    return SignatureEngine.from_ids()
