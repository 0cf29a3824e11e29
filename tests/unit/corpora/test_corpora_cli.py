import pytest
from rich.console import Console
from typer.testing import CliRunner

from seg_ml.cli.corpora import corpora_app

COMMANDS = ["fetch", "list", "verify", "add"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    # As wide as a table wants to be, whatever the terminal was when the module was imported.
    monkeypatch.setattr("seg_ml.cli.corpora.out", Console(width=200))
    monkeypatch.setattr("seg_ml.cli.corpora.err", Console(width=200, stderr=True))

    def invoke(*arguments):
        result = CliRunner().invoke(
            corpora_app, [*arguments, "--directory", str(tmp_path / "raw")], env={"COLUMNS": "200"}
        )
        return result.exit_code, " ".join(result.output.split())

    return invoke


@pytest.fixture
def added(run, tmp_path, mail):
    (tmp_path / "a.eml").write_bytes(mail())
    assert run("add", str(tmp_path / "a.eml"), "--id", "mine", "--label", "ham")[0] == 0
    return tmp_path / "raw" / "mine.parquet"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command):
    result = CliRunner().invoke(corpora_app, [command, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert f"Example: seg-ml corpora {command}" in result.output


def test_list_shows_known_and_added_corpora(run, added):
    code, output = run("list")
    assert code == 0
    for words in ("spamassassin", "6,046 (not fetched)", "phishing-pot", "mine", "1 ham", "your own"):
        assert words in output


def test_verify_tells_whole_from_damaged(run, added):
    assert run("verify") == (0, "mine: whole")
    added.write_bytes(b"PAR1")
    code, output = run("verify", "mine")
    assert code == 1
    assert "mine: damaged" in output
    assert "delete it and fetch again" in output


def test_verify_of_nothing_says_so(run):
    code, output = run("verify")
    assert code == 1
    assert "nothing is fetched" in output


def test_fetch_of_what_is_there_tells_its_counts(run, added):
    code, output = run("fetch", "mine")
    assert code == 0
    assert "mine: 1 messages, 1 ham" in output


@pytest.mark.parametrize("arguments", [("fetch", "nowhere"), ("add", "/nowhere", "--id", "x", "--label", "ham")])
def test_errors_are_words_and_exit_code_one(run, arguments):
    code, output = run(*arguments)
    assert code == 1
    assert "error:" in output
    assert "Traceback" not in output


def test_name_clash_is_an_error(run, added, tmp_path):
    code, output = run("add", str(tmp_path / "a.eml"), "--id", "mine", "--label", "ham")
    assert code == 1
    assert "is taken" in output
