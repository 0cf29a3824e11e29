"""Take a user's own mail in as a corpus."""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console
from rich.progress import track

from seg_ml.corpora.catalogue import CORPORA
from seg_ml.corpora.fetch import RAW
from seg_ml.corpora.sources.own import OwnMail
from seg_ml.corpora.store import Record, parquet_path, write_corpus
from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import Label

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def add(
    path: Path,
    corpus_id: str,
    label: Label | None = None,
    directory: Path = RAW,
    shippable: bool = True,
    console: Console | None = None,
) -> Record:
    """Copy mail into `directory` as the corpus `corpus_id`, which `fetch` and `prepare` then take by that id.

    Raises:
        CorpusError: the id is taken or no id, the path holds no mail, or a message has no label. Nothing is
            written then.
    """
    if not _ID.fullmatch(corpus_id):
        raise CorpusError(f"--id {corpus_id!r}: use small letters, digits and hyphens, at most 63")
    taken = parquet_path(corpus_id, directory)
    if corpus_id in CORPORA or taken.exists():
        raise CorpusError(f"--id {corpus_id!r} is taken: choose another id, or delete {taken} if it is your old one")
    source = OwnMail(corpus_id, path.expanduser(), label, shippable)
    watched = track(source.messages(), description=corpus_id, console=console or Console(stderr=True))
    return write_corpus(source.card, source.origin, watched, directory)
