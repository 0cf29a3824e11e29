"""Mail that reached the honeypots of the phishing_pot project, 2022 to 2025: phishing for the most part."""

from __future__ import annotations

from seg_ml.corpora.archive import ArchiveSource
from seg_ml.corpora.catalogue import CORPORA

CORPORA.register("phishing-pot", ArchiveSource("phishing-pot"))
