"""`seg-ml`: corpora, scoring, promotion, scanning. Each group of commands is a file of its own."""

from __future__ import annotations

import typer

from seg_ml.cli.corpora import corpora_app
from seg_ml.cli.intel import intel_app
from seg_ml.cli.intel_known import campaign_app, digest_command
from seg_ml.cli.models import models_app
from seg_ml.cli.promote import promote_command
from seg_ml.cli.rules import rules_app
from seg_ml.cli.scan import scan_command
from seg_ml.cli.score import score_command
from seg_ml.cli.thresholds import thresholds_command
from seg_ml.cli.train import train_command
from seg_ml.cli.tune import tune_command

app = typer.Typer(
    name="seg-ml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The research side of the secure email gateway: labelled mail, models, verdicts.",
)
app.add_typer(corpora_app, name="corpora")
app.add_typer(models_app, name="models")
app.add_typer(rules_app, name="rules")
intel_app.add_typer(campaign_app, name="campaign")
intel_app.command("digest", epilog="Example: seg-ml intel digest samples/* >> similar.txt")(digest_command)
app.add_typer(intel_app, name="intel")
app.command("score", epilog="Example: seg-ml score inbox.mbox --model models:/seg-mail@champion --jsonl")(score_command)
app.command("scan", epilog="Example: seg-ml scan suspicious.eml")(scan_command)
app.command("train", epilog="Example: seg-ml train --from champion --corpus our-ham --corpus our-spam")(train_command)
app.command("tune", epilog="Example: seg-ml tune --trials 40 --sample 4000")(tune_command)
app.command("thresholds", epilog="Example: seg-ml thresholds --alarm 20 --look 0.1 --promise 0.01")(thresholds_command)
app.command("promote", epilog="Example: seg-ml promote --dry-run")(promote_command)

if __name__ == "__main__":
    app()
