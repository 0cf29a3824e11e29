import hashlib

import numpy as np
import pandas as pd
import pytest

PARAMS = {
    "model": "fused",
    "baseline": "baseline",
    "rate": 0.005,
    "rates": [0.001, 0.005, 0.01],
    "bins": 15,
    "resamples": 200,
    "seed": 0,
    "slice_minimum": 50,
    "margin": 0.0,
    "promised": 0.05,
}


def make_scores(models=("baseline", "fused"), n=600, seed=1, spread=(0.9, 0.6)):
    """Scores of messages of two corpora; calibrated, for the logit is twice the distance of two normals."""
    rng = np.random.default_rng(seed)
    tables = []
    for split, size in (("validation", n // 2), ("test", n)):
        bad = rng.random(size) < 0.3
        frame = pd.DataFrame(
            {
                "sha256": [hashlib.sha256(f"{split}{i}".encode()).hexdigest() for i in range(size)],
                "split": split,
                "corpus": rng.choice(["one", "two"], size),
                "kind": np.where(bad, "spam-1", rng.choice(["easy", "hard"], size)),
                "label": np.where(bad, "spam", "ham"),
                "cluster": [f"{c:016x}" for c in rng.integers(0, size * 4 // 5, size)],
                "language": rng.choice(["en", "de", None], size, p=[0.8, 0.15, 0.05]),
                "year": pd.array(rng.choice([2002, 2003], size), dtype="Int16"),
                "size": rng.integers(300, 80_000, size),
            }
        )
        for model, noise in zip(models, spread, strict=True):
            x = rng.normal(np.where(bad, 1, -1), noise)
            threat = 1 / (1 + np.exp(-2 * x / noise**2))
            tables.append(
                frame.assign(
                    model=model, threat=threat, p_ham=1 - threat, p_spam=threat, milliseconds=rng.uniform(10, 40, size)
                )
            )
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="session")
def scores():
    return make_scores()


@pytest.fixture(scope="session")
def params():
    return dict(PARAMS)
