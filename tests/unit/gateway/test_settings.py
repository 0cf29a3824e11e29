"""Settings: one file, the environment over it, and errors that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.parts import check_known, signature_settings
from gateway.settings import Section, Settings, load_settings
from seg_ml.domain.errors import ConfigError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(text)
    return path


def test_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SMTP__HOSTNAME", "mx.example")
    settings = load_settings(write(tmp_path, "smtp: {hostname: other.example, size_limit: 100000}\n"))
    assert (settings.smtp.hostname, settings.smtp.size_limit) == ("mx.example", 100000)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("smtp: {hostnam: x}", "smtp.hostnam: unknown key"),
        ("smtpd: {}", "smtpd: unknown key"),
        ("scoring: {deadline: soon}", "scoring.deadline"),
        ("downstream: {inbound: {port: 99999}}", "downstream.inbound.port"),
        ("- a", "mapping"),
        ("smtp: [", "not YAML"),
    ],
)
def test_wrong_key_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named.replace(".", r"\.")):
        load_settings(write(tmp_path, text))


def test_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SMPT__HOSTNAME", "mx.example")
    with pytest.raises(ConfigError, match="GATEWAY_SMPT__HOSTNAME"):
        load_settings()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml"):
        load_settings(tmp_path / "absent.yaml")


def test_every_setting_is_described() -> None:
    def walk(model: type) -> None:
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            assert field.description, f"{model.__name__}.{name} has no description"

    walk(Settings)
    for section in Section.__subclasses__():
        walk(section)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rule_files: [/nowhere/rules.yaml]", "rule file /nowhere/rules.yaml"),
        ("hash_lists: [/nowhere/hashes]", "hash list /nowhere/hashes"),
        ("similar_lists: [/nowhere/digests]", "similar files /nowhere/digests"),
        ("campaign_store: /nowhere/campaigns", "/nowhere/campaigns"),
        ("brand_tables: [/nowhere/brands.csv]", "brand table /nowhere/brands.csv"),
    ],
)
def test_a_file_that_signatures_miss_is_named(tmp_path: Path, text: str, named: str) -> None:
    settings = load_settings(write(tmp_path, f"signatures: {{{text}}}\n"))
    with pytest.raises(ConfigError, match=named):
        check_known(settings)


def test_what_signatures_know_comes_from_all_sections(tmp_path: Path) -> None:
    text = "signatures: {ocr: always, organization: {domains: [House.example], people: [{name: Ann}]}}\n"
    text += "limits: {archive_depth: 2}\ncorrespondence: {enabled: true}\n"
    known = signature_settings(load_settings(write(tmp_path, text)))
    assert known.organization.domains == ("house.example",)
    assert known.archives.depth == 2
    assert {"vip-impersonation", "own-domain-spoof", "first-contact", "image-text"} <= set(known.needing)
    assert not signature_settings(load_settings(write(tmp_path, "smtp: {}\n"))).needing
