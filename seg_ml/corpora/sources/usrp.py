"""The usrp-users mailing list, 2019 to 2024: modern ham, as its subscribers got it."""

from __future__ import annotations

from seg_ml.corpora.archive import ArchiveSource
from seg_ml.corpora.catalogue import CORPORA

CORPORA.register("usrp", ArchiveSource("usrp"))
