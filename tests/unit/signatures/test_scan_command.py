"""`seg-ml scan` on fixture mails: what it prints, its JSON, its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from seg_ml.cli.scan import scan_command

FIXTURES = Path(__file__).parents[2] / "fixtures" / "signatures"
RUNNER = CliRunner(env={"COLUMNS": "400"})


@pytest.fixture
def app() -> typer.Typer:
    application = typer.Typer()
    application.command()(scan_command)
    return application


def test_shows_parts_findings_identity_and_links(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, [str(FIXTURES / "brand-impersonation" / "fires.eml")])
    assert result.exit_code == 0
    for expected in ("claimed  PayPal <billing@garden-club.example.net>, names PayPal",
                     "proven   nothing (not evaluated)",
                     "1 text/html", "brand-impersonation", "https://garden-club.example.net/x"):  # fmt: skip
        assert expected in result.output


def test_files_inside_files_are_shown_where_they_lie(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, [str(FIXTURES / "archive-executable" / "fires_nested.eml")])
    inner, run = (
        next(line for line in result.output.splitlines() if name in line) for name in ("inner.zip", "run.vbs")
    )
    assert inner.index("inner.zip") < run.index("run.vbs")


def test_files_inside_files_carry_hashes(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, ["--json", str(FIXTURES / "archive-executable" / "fires_mailbox.eml")])
    files = json.loads(result.output)["seg"]["files"]
    assert {file["name"] for file in files} >= {"notes.txt", "order.exe"}
    assert all(file["in"] == "2" and len(file["hash"]["sha256"]) == 64 for file in files)


def test_links_are_never_asked_for_without_a_proxy(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEG_RESOLVER_PROXY", raising=False)
    result = RUNNER.invoke(app, ["--resolve", str(FIXTURES / "link-shortener" / "fires.eml")])
    assert result.exit_code == 2
    assert "--proxy" in result.output


def test_links_are_asked_for_through_the_proxy_alone(app: typer.Typer) -> None:
    command = ["--json", "--resolve", "--proxy", "http://127.0.0.1:9", str(FIXTURES / "link-raw-ip" / "fires.eml")]
    links = json.loads(RUNNER.invoke(app, command).output)["seg"]["links"]
    assert any(link.get("remark") for link in links)


def test_members_of_archives_are_shown(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, [str(FIXTURES / "archive-executable" / "fires_lone.eml")])
    assert "order.zip" in result.output
    assert "order.exe" in result.output


def test_json_is_an_ecs_event_a_line(app: typer.Typer) -> None:
    path = FIXTURES / "identity-proven" / "fires.eml"
    result = RUNNER.invoke(app, [str(path), str(path), "--json"])
    events = [json.loads(line) for line in result.output.splitlines()]
    assert len(events) == 2
    assert events[0] == events[1]
    assert events[0]["email"]["from"]["address"] == ["noreply@dhl.de"]
    assert events[0]["seg"]["identity"]["proven"] == {"domains": ["dhl.de"], "aligned": True}
    assert events[0]["seg"]["findings"][0]["rule"]["id"] == "identity-proven"


def test_attachments_carry_hashes(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, [str(FIXTURES / "known-hash" / "fires.eml"), "--json"])
    (attachment,) = json.loads(result.output)["email"]["attachments"]
    assert attachment["file"]["hash"]["sha256"].startswith("275a021b")


@pytest.mark.parametrize(("bound", "code"), [("high", 1), ("critical", 0)])
def test_fail_on(app: typer.Typer, bound: str, code: int) -> None:
    path = FIXTURES / "extortion" / "fires.eml"
    assert RUNNER.invoke(app, [str(path), "--fail-on", bound]).exit_code == code


def test_standard_input_and_own_organization(app: typer.Typer, tmp_path: Path) -> None:
    people = tmp_path / "organization.yaml"
    people.write_text("name: Contoso\ndomains: [contoso.example]\npeople: [{name: Jane Doe}]\n")
    raw = (FIXTURES / "vip-impersonation" / "fires.eml").read_bytes()
    result = RUNNER.invoke(app, ["-", "--organization", str(people)], input=raw)
    assert "vip-impersonation" in result.output


@pytest.mark.parametrize("arguments", [["missing.eml"], ["-", "--fail-on", "loud"], ["-", "--signature", "none-such"]])
def test_mistakes_are_named(app: typer.Typer, arguments: list[str]) -> None:
    result = RUNNER.invoke(app, arguments, input=b"")
    assert result.exit_code == 2


def test_what_a_worker_does_not_survive_is_a_finding(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seg_ml.cli.scan.DEADLINE", 0.0)
    path = FIXTURES / "extortion" / "fires.eml"
    result = RUNNER.invoke(app, [str(path), "--fail-on", "high", "--json"])
    (finding,) = json.loads(result.output)["seg"]["findings"]
    assert (result.exit_code, finding["rule"]["id"], finding["severity"]) == (1, "signature-error", "high")
    assert "could not be looked at: worker: time" in finding["evidence"]
