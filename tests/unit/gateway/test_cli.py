"""The administrator's commands over a store of their own: what they show, what they change, how they fail."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from gateway.bootstrap import open_store
from gateway.cli import app
from gateway.settings import load_settings
from gateway.store import records, tracing
from gateway.store.records import Copy, Facts
from gateway.store.tables import Outcome
from seg_ml.domain.envelope import Envelope
from seg_ml.domain.verdict import Decision, Disposition

RAW = b"From: ann@sender.example\r\nSubject: cheap pills\r\n\r\nbody\r\n"
BOB = "bob@house.example"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file, and one held message in the store that it names."""
    path = tmp_path / "gateway.yaml"
    path.write_text(yaml.safe_dump({"store": {"folder": str(tmp_path / "store")}}))
    store = open_store(load_settings(path))
    digest = store.blobs.put(RAW)
    envelope = Envelope("192.0.2.1", "client.example", "ann@sender.example", (BOB,))
    facts = Facts("Q1", "mx", time.time(), envelope, size=len(RAW), sha256=digest)
    held = Copy(BOB, "inbound", Decision(Disposition.QUARANTINE, "spam"), Outcome.QUARANTINED, "250 2.0.0 Ok")
    store.database.write_now(lambda c: records.insert_trace(c, facts, [held]))
    holds = store.database.write_now(lambda c: records.insert_holds(c, facts, [held], b"X-SEG-Verdict: x\r\n"))
    done = Copy(BOB, "inbound", held.decision, held.outcome, held.reply, holds[BOB])
    store.database.write_now(lambda c: records.finish_trace(c, facts, [done]))
    store.database.stop()
    return path


def call(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--config", str(config)], env={"COLUMNS": "200"})


def hold_id(config: Path) -> str:
    store = open_store(load_settings(config))
    rows = store.database.read_now(tracing.list_trace)
    store.database.stop()
    return str(rows[0].hold_id)


def test_trace(config: Path) -> None:
    shown = call(config, "trace", "list", "--recipient", "@house.example", "--outcome", "quarantined")
    assert shown.exit_code == 0 and "Q1" in shown.stdout and "spam" in shown.stdout
    assert "Q1" not in call(config, "trace", "list", "--outcome", "delivered").stdout
    assert "spam" in call(config, "trace", "show", "Q1").stdout
    assert call(config, "trace", "show", "Q2").exit_code != 0


def test_quarantine(config: Path) -> None:
    key = hold_id(config)
    assert key[:8] in call(config, "quarantine", "list").stdout
    assert key[:8] in call(config, "quarantine", "list", "--rule", "spam").stdout
    assert key[:8] not in call(config, "quarantine", "list", "--rule", "undecided").stdout
    assert call(config, "quarantine", "show", key, "--raw").stdout_bytes.endswith(RAW)
    assert call(config, "quarantine", "release", key).exit_code == 0
    assert call(config, "quarantine", "release", key).exit_code != 0
    assert call(config, "quarantine", "show", "nothing").exit_code != 0


def test_delete(config: Path) -> None:
    key = hold_id(config)
    assert call(config, "quarantine", "delete", key).exit_code == 0
    assert key[:8] not in call(config, "quarantine", "list").stdout


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("smtp: {hostnam: x}\n", "smtp.hostnam"),
        ("smtp: {listen: [nowhere]}\n", "nowhere"),
        ("smtp: {listen_tls: ['127.0.0.1:465']}\n", "smtp.listen_tls: needs smtp.tls_certificate"),
        ("smtp: {listen_tls: [nowhere], tls_certificate: a, tls_key: a}\n", "smtp.listen_tls: 'nowhere'"),
        ("policy: /nowhere.yaml\n", "/nowhere.yaml"),
        ("scoring: {signatures: [nonsense]}\n", "nonsense"),
        ("smtp: {tls_key: /nowhere.pem}\n", "tls_certificate"),
        ("downstream: {outbound: mxx}\n", "downstream.outbound"),
    ],
)
def test_check_config_names_the_wrong_key(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(text)
    checked = call(path, "check-config")
    assert checked.exit_code == 2 and named in checked.output


def test_check_config_shows_the_rules(config: Path) -> None:
    checked = call(config, "check-config")
    assert checked.exit_code == 0 and "unscannable" in checked.stdout and "sound" in checked.stdout
