"""What a sender does to a message to get past a filter; each keeps what a reader is meant to do."""

from seg_ml.evaluation.attacks.catalogue import ATTACKS, attacked

__all__ = ["ATTACKS", "attacked"]
