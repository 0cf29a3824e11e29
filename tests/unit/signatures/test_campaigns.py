"""Near-duplicates of confirmed bodies are found, other texts are not, and the store says what is wrong with it."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seg_ml.cli.main import app
from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.campaigns import CampaignStore, CampaignWriter
from seg_ml.signatures.minhash import MIN_WORDS, minhash, similarity

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = [f"w{a}{b}{c}" for a in LETTERS for b in LETTERS for c in "abcd"]


def text(seed: int, size: int = 200) -> list[str]:
    return random.Random(seed).choices(WORDS, k=size)


def changed(words: list[str], count: int) -> list[str]:
    rng = random.Random(1)
    out = list(words)
    for at in rng.sample(range(len(out)), count):
        out[at] = f"changed{chr(97 + at % 26)}"
    return out


def test_the_estimate_is_near_the_truth() -> None:
    one, other = text(1), changed(text(1), 20)
    shingles = [{tuple(words[at : at + 3]) for at in range(len(words) - 2)} for words in (one, other)]
    truth = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
    first, second = minhash(" ".join(one)), minhash(" ".join(other))
    assert first is not None and second is not None
    assert similarity(first, second) == pytest.approx(truth, abs=0.12)
    assert similarity(first, first) == 1


def test_numbers_do_not_matter() -> None:
    words = " ".join(text(2, 60))
    assert minhash(words + " code 123456") == minhash(words + " code 987654")


def test_a_short_text_has_no_signature() -> None:
    assert minhash("word " * (MIN_WORDS - 1)) is None
    assert minhash(" ".join(text(1, MIN_WORDS))) is not None


def test_near_duplicates_are_found_among_many(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.sqlite"
    with CampaignWriter(path) as writer:
        for seed in range(300):
            assert writer.add(" ".join(text(seed)), f"campaign {seed}", "2026-03-01")
    store = CampaignStore(path)
    for seed in range(0, 300, 10):
        found = store.nearest(" ".join(changed(text(seed), 4)))
        assert found is not None
        assert (found.name, found.share > 0.7) == (f"campaign {seed}", True)
    strangers = [store.nearest(" ".join(text(seed))) for seed in range(1000, 1020)]
    assert all(found is None or found.share < 0.5 for found in strangers)


def test_what_another_writer_adds_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.sqlite"
    with CampaignWriter(path):
        pass
    store = CampaignStore(path)
    assert store.nearest(" ".join(text(1))) is None
    with CampaignWriter(path) as writer:
        assert writer.add(" ".join(text(1)), "one", "2026-03-01")
        assert not writer.add(" ".join(text(1)), "again", "2026-03-01")
    found = store.nearest(" ".join(text(1)))
    assert found is not None and found.name == "one"
    with CampaignWriter(path) as writer:
        assert writer.remove("one") == 1
    assert store.nearest(" ".join(text(1))) is None


def test_a_store_that_is_none_is_named(tmp_path: Path) -> None:
    missing, foreign = tmp_path / "none.sqlite", tmp_path / "foreign.sqlite"
    sqlite3.connect(foreign).execute("PRAGMA user_version = 9")
    for path in (missing, foreign):
        with pytest.raises(ConfigError, match=path.name):
            CampaignStore(path)
    with pytest.raises(ConfigError, match="form 9"):
        CampaignWriter(foreign)


def test_commands(tmp_path: Path) -> None:
    store, bad = str(tmp_path / "c.sqlite"), tmp_path / "bad.eml"
    bad.write_text("Subject: x\n\n" + " ".join(text(5)) + "\n")
    run = CliRunner().invoke
    result = run(app, ["intel", "campaign", "add", str(bad), "--name", "five", "--store", store])
    assert (result.exit_code, "1 of 1" in result.output) == (0, True), result.output
    assert (
        "100% of the wording of 'five'" in run(app, ["intel", "campaign", "nearest", str(bad), "--store", store]).output
    )
    assert "1 bodies removed" in run(app, ["intel", "campaign", "remove", "five", "--store", store]).output
    assert run(app, ["intel", "campaign", "nearest", str(bad), "--store", store]).exit_code == 1
    listed = run(app, ["intel", "digest", str(bad), "--name", "Five"]).output
    assert listed.startswith("T1") and listed.strip().endswith(" Five")
