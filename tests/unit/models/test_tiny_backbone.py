"""Backbones of tests are the same in every run: what a test finds must not hang on the run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seg_ml.domain.digest import file_sha256
from seg_ml.testing.backbone import tiny_backbone, tiny_multilingual
from seg_ml.testing.mail import synthetic_mail

TEXTS = [synthetic_mail(label, number).decode() for label in ("ham", "spam") for number in range(20)]


@pytest.mark.parametrize("made", [tiny_backbone, tiny_multilingual])
def test_weights_and_vocabulary_are_the_same_again(made: Callable[[Path, list[str]], str], tmp_path: Path) -> None:
    first, second = made(tmp_path / "first", TEXTS), made(tmp_path / "second", TEXTS)
    assert first == second
    assert file_sha256(tmp_path / "first" / "tokenizer.json") == file_sha256(tmp_path / "second" / "tokenizer.json")
