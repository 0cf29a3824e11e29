"""Own mail: what is learned of it and judged on what, and that nothing becomes worse in silence."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from seg_ml.cli.main import app
from seg_ml.domain.errors import ConfigError, CorpusError
from seg_ml.evaluation.shifts import Shift
from seg_ml.models.correction import Correction
from seg_ml.models.linear import LinearOptions, LinearText
from seg_ml.registry.resolve import ResolvedModel
from seg_ml.training.adapting import adapt, mail, register
from seg_ml.training.adapting.adapt import Adapted, AdaptOptions, write_adapted
from seg_ml.training.adapting.mail import OwnMail
from seg_ml.training.progress import StageProgress

FINE = (Shift("own, campaigns held out", False, 200, 0.10, 0.01), Shift("retained", True, 400, 0.92, 0.92))
WORSE = (*FINE, Shift("threats in own words", True, 300, 0.90, 0.80))


def adapted(shifts: tuple[Shift, ...]) -> Adapted:
    words = LinearText(LinearOptions(), {"order": 0}, np.ones(1), -np.ones((1, 1)), np.zeros(1))
    return Adapted(
        ResolvedModel(Path("base"), "seg-mail", 3), SimpleNamespace(), ("ours",), Correction(words, 4.0),  # type: ignore[arg-type]
        OwnMail(pd.DataFrame(), pd.DataFrame()), np.zeros(0), 0.8, shifts, AdaptOptions(), Path("own.parquet"),
    )  # fmt: skip


def test_what_counts_as_worse() -> None:
    assert adapted(WORSE).worst() == WORSE[-1]
    assert adapted((*FINE, Shift("retained", False, 400, 0.0, 0.5))).worst() == FINE[1]


@pytest.mark.parametrize(
    ("shifts", "arguments", "code"),
    [(FINE, [], 0), (WORSE, [], 1), (WORSE, ["--accept"], 0), (WORSE, ["--most-worse", "0.2"], 0)],
)
def test_nothing_is_written_where_something_becomes_worse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shifts: tuple[Shift, ...], arguments: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("register: {model: seg-mail}\n")
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "manifest.json").touch()
    written: list[str] = []
    monkeypatch.setattr(adapt, "adapt", lambda *_: adapted(shifts))
    monkeypatch.setattr(adapt, "write_adapted", lambda _, target: written.append(str(target)))
    monkeypatch.setattr(register, "register_adapted", lambda *_: 7)
    done = CliRunner().invoke(app, ["train", "--from", "base", "--corpus", "ours", "--output", "new", *arguments])
    assert done.exit_code == code, done.output
    assert written == ([] if code else ["new"])
    assert ("challenger is seg-mail/7" in done.output) == (code == 0)
    if shifts is WORSE and code:
        assert "threats in own words" in done.output and "--accept" in done.output


def test_a_folder_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--output"):
        write_adapted(adapted(FINE), tmp_path)


def own(labels: tuple[str, ...], days: int = 50) -> pd.DataFrame:
    """Own messages as preparation leaves them, a campaign each, as many days apart as there are."""
    count = 100
    return pd.DataFrame(
        {
            "sha256": [f"{number:064}" for number in range(count)],
            "corpus": "ours",
            "kind": "mail",
            "label": [labels[number % len(labels)] for number in range(count)],
            "raw": [b"Subject: a\r\n\r\nb"] * count,
            "date": pd.to_datetime([f"2024-01-01T0{number % 9}:00Z" for number in range(count)])
            + pd.to_timedelta([number % days for number in range(count)], unit="D"),
            "cluster": [f"{number:016}" for number in range(count)],
            "language": "en",
        }
    )


def said(frame: pd.DataFrame, *_: object) -> pd.DataFrame:
    return frame.reset_index(drop=True).assign(
        before=0.5, odds=0.0, baseline=0.5, transformer=0.5, tokens="", html=False, milliseconds=1.0
    )


def gathered(frame: pd.DataFrame) -> OwnMail:
    manifest = SimpleNamespace(training={})
    return mail.gather(frame, Path("base"), manifest, 0, 7, StageProgress(None))  # type: ignore[arg-type]


@pytest.fixture
def scoring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "scored", said)


def test_campaigns_are_held_out_and_threats_come_in_own_words_too(scoring: None) -> None:
    found = gathered(own(("ham", "spam")))
    sides = [side[side["own"]] for side in (found.learned, found.judged)]
    assert [len(side) for side in sides] == [70, 30]
    assert not set(sides[0]["cluster"]) & set(sides[1]["cluster"])
    copies = found.judged[found.judged["disguise"] != ""]
    assert set(copies["label"]) == {"spam"} and not copies["own"].any()
    assert set(copies["cluster"]) <= set(sides[1]["cluster"])


def test_the_latest_mail_is_known_where_there_are_dates(scoring: None) -> None:
    found = gathered(own(("ham", "spam")))
    assert found.later is not None
    dates = found.together["date"]
    assert dates[found.later].min() >= dates[~found.later & found.together["own"]].max() - pd.Timedelta(days=1)
    assert gathered(own(("ham", "spam"), days=1)).later is None


@pytest.mark.parametrize(("label", "words"), [("ham", "no threats"), ("spam", "no wanted mail")])
def test_mail_of_one_side_teaches_nothing(scoring: None, label: str, words: str) -> None:
    with pytest.raises(CorpusError, match=words):
        gathered(own((label,)))


def test_registered_versions_bring_their_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapt, "version_info", lambda *_: None)
    monkeypatch.setattr(adapt, "figures_of", lambda _: {"recall_at_0_5_percent": {"threshold": 0.7}})
    registered = adapted(FINE).base
    judged = said(own(("ham", "spam"))).assign(own=False, disguise="")
    assert adapt._threshold(registered, judged, 0.005) == 0.7
    unregistered = replace(registered, version=None)
    assert adapt._threshold(unregistered, judged, 0.005) > 0.5
    assert adapt._threshold(unregistered, judged.assign(own=True), 0.005) == 0.5
