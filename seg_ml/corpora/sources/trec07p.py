"""The first months of the TREC 2007 public spam track: ham and spam of one site."""

from __future__ import annotations

from seg_ml.corpora.archive import ArchiveSource
from seg_ml.corpora.catalogue import CORPORA

CORPORA.register("trec07p", ArchiveSource("trec07p"))
