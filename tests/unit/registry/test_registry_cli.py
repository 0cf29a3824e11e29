import pytest
import typer
import yaml
from rich.console import Console
from typer.testing import CliRunner

from seg_ml.cli.models import models_app
from seg_ml.cli.promote import EXAMPLE, promote_command
from seg_ml.registry.register import alias_version

GATE = {
    "rate": 0.005,
    "recall": 0.95,
    "made_recall": 0.80,
    "ece": 0.03,
    "latency_p95_ms": 150,
    "corpus_auc": 0.9,
    "slice_margin": 0.02,
    "slice_minimum": 50,
}
app = typer.Typer()
app.command("promote", epilog=EXAMPLE)(promote_command)
app.add_typer(models_app, name="models")


@pytest.fixture
def run(settings, tmp_path, monkeypatch):
    for module in ("seg_ml.cli.models", "seg_ml.cli.promote"):
        monkeypatch.setattr(f"{module}.out", Console(width=200))
        monkeypatch.setattr(f"{module}.err", Console(width=200, stderr=True))
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"gate": GATE}))
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_promotion_prints_every_figure_with_its_bound(run, add_version, figures):
    version = add_version(figures)
    result = run("promote")
    assert result.exit_code == 0, result.output
    for word in ("recall at 0.5 % false positives", "0.98", "0.95", "latency p95, ms", "150", "yes"):
        assert word in result.stdout
    assert f"champion is seg-mail/{version} (the first)" in result.stdout


def test_refusal_has_exit_code_1_and_moves_nothing(run, add_version, figures):
    figures["ece"]["figure"] = 0.2
    add_version(figures)
    result = run("promote")
    assert result.exit_code == 1 and "calibration error (ECE): 0.2, bound 0.03" in result.stderr
    assert alias_version("champion") is None


def test_dry_run_moves_nothing_and_tells_by_exit_code(run, add_version, figures):
    add_version(figures)
    assert run("promote", "--dry-run").exit_code == 0
    figures["ece"]["figure"] = 0.2
    version = add_version(figures)
    assert run("promote", "--dry-run", "--version", str(version)).exit_code == 1
    assert alias_version("champion") is None


def test_rollback(run, add_version, figures):
    first = add_version(figures)
    run("promote")
    second = add_version(figures)
    run("promote")
    result = run("promote", "--rollback")
    assert f"champion is seg-mail/{first} (before: seg-mail/{second})" in result.stdout
    assert alias_version("champion") == first


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("promote",), "dvc repro"),
        (("promote", "--params", "none.yaml"), "none.yaml does not exist"),
        (("promote", "--rollback"), "no previous champion"),
        (("models", "show", "3"), "does not exist"),
        (("models", "diff", "champion", "3"), "does not exist"),
    ],
)
def test_errors_are_words(run, arguments, says):
    result = run(*arguments)
    assert result.exit_code == 1 and says in result.stderr and "Traceback" not in result.output


def test_params_without_a_gate(run, tmp_path):
    (tmp_path / "params.yaml").write_text("seed: 3\n")
    assert "no mapping 'gate'" in run("promote").stderr


def test_list_shows_aliases_figures_and_origin(run, add_version, figures):
    assert "dvc repro" in run("models", "list").stderr
    add_version(figures)
    run("promote")
    row = run("models", "list").stdout
    for word in ("challenger", "champion", "0.98", "ccccccc", "eeeeeee"):
        assert word in row


def test_show_has_figures_and_card(run, add_version, figures):
    add_version(figures)
    shown = run("models", "show", "challenger").stdout
    for word in ("git_commit: " + "c" * 40, "recall at 0.5 %", "0.96", "A model"):
        assert word in shown


def test_diff_shows_what_changed_only(run, add_version, figures):
    one = add_version(figures)
    figures["ece"]["figure"] = 0.02
    two = add_version(figures)
    shown = run("models", "diff", str(one), str(two)).stdout
    assert "ece.figure" in shown and "+0.01" in shown and "latency" not in shown
    assert "latency_ms.p95" in run("models", "diff", str(one), str(two), "--all").stdout


@pytest.mark.parametrize("command", [("promote",), ("models", "list"), ("models", "show"), ("models", "diff")])
def test_help_has_an_example(run, command):
    shown = run(*command, "--help")
    assert shown.exit_code == 0 and "Example: seg-ml" in shown.stdout
