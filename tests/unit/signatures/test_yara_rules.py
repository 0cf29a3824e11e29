"""YARA rules: every bundled rule says what it is and has a fixture; folders of one's own are checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.mail.parse import parse
from seg_ml.signatures.settings import DEFAULT_SETTINGS, SignatureSettings
from seg_ml.signatures.yara_rules import yara_rules

FIXTURES = Path(__file__).parents[2] / "fixtures" / "signatures" / "yara"


def test_every_bundled_rule_says_what_it_is() -> None:
    for rule in yara_rules(DEFAULT_SETTINGS).rules:
        meta = dict(rule.metadata)
        assert meta["description"], rule.identifier
        assert meta["source"], rule.identifier
        assert "attack" in meta, rule.identifier


def test_every_bundled_rule_fires_on_a_fixture() -> None:
    rules = yara_rules(DEFAULT_SETTINGS)
    fired = {hit.rule for path in FIXTURES.glob("fires*.eml") for hit in rules.scan(parse(path.read_bytes()))}
    assert fired == {rule.identifier for rule in rules.rules}


def test_a_folder_of_ones_own_is_compiled_too(tmp_path: Path) -> None:
    (tmp_path / "own.yar").write_text('rule own { meta: severity = "low" strings: $a = "tulip" condition: $a }')
    settings = SignatureSettings(yara_folders=(tmp_path,))
    hits = list(yara_rules(settings).scan(parse(b"Subject: x\r\n\r\ntulip")))
    assert [(hit.rule, hit.surface) for hit in hits] == [("own", "body"), ("own", "raw")]


@pytest.mark.parametrize("text", ["rule broken {", 'rule loud { meta: severity = "loud" condition: true }'])
def test_a_rule_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.yar").write_text(text)
    with pytest.raises(ConfigError):
        yara_rules(SignatureSettings(yara_folders=(tmp_path,)))
