"""Labelled sources, one a file; each registers itself in `seg_ml.corpora.catalogue.CORPORA`."""
