"""Business mail of one firm, from the public Enron release: ham without transport headers."""

from __future__ import annotations

from seg_ml.corpora.archive import ArchiveSource
from seg_ml.corpora.catalogue import CORPORA

CORPORA.register("enron", ArchiveSource("enron"))
