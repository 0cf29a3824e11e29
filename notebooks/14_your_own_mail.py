# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your own mail
#
# The best mail to learn from is the mail that will be filtered. This is the way from a folder of `.eml` files to a corpus, with a
# look at it before anything is trained, the champion's opinion of it, and a list of labels to check again. Here the folder is
# made up, with a few labels turned round on purpose; put your own in its place. Nothing leaves the temporary folder.

# %%
import os
import subprocess
import tempfile
from pathlib import Path

import pandas as pd
from rich.console import Console

from seg_ml.corpora.add import add
from seg_ml.corpora.fetch import corpus_files
from seg_ml.corpora.overview import by_year, cluster_sizes, plot_by_year, plot_cluster_sizes
from seg_ml.corpora.prepare import prepare
from seg_ml.corpora.requests import score_requests
from seg_ml.corpora.schema import read_prepared
from seg_ml.domain.verdict import Label
from seg_ml.evaluation.label_errors import confident_joint, label_errors
from seg_ml.evaluation.metrics import auc
from seg_ml.evaluation.plots import score_histogram
from seg_ml.evaluation.scores import threat, unwanted
from seg_ml.evaluation.shifts import HEADER
from seg_ml.mail.parse import parse
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.linear import LinearOptions
from seg_ml.testing.mail import house_news, write_folder
from seg_ml.text.tokens import tokens
from seg_ml.training.adapting.adapt import AdaptOptions, adapt
from seg_ml.training.development import Development, is_threat
from seg_ml.training.params import Params
from seg_ml.training.progress import progress
from seg_ml.training.research.project import champion_or_artifact, enter_project, resolved_champion, row_limit
from seg_ml.training.research.text import held_out_logits, plot_words, telling_words

pd.set_option("display.max_colwidth", 80)
enter_project()
params = Params.load()
place = Path(tempfile.mkdtemp(prefix="own-mail-"))
each = row_limit(100) // 2
for label in ("ham", "spam"):
    write_folder(place / "mail" / label, label, each, seed=2026)
for number in range(3):
    # Somebody filed three letters in the wrong folder.
    (place / "mail" / "spam" / f"spam-{number:04}.eml").rename(place / "mail" / "ham" / f"misfiled-{number}.eml")
sorted(path.name for path in (place / "mail" / "ham").iterdir())[-5:]

# %% [markdown]
# ## Into the project
#
# The name of the folder is the label. Whatever may not be shipped in a model is added with `--not-shippable`. The card of one's own mail,
# `data/own.md`, says what labels mean and what to mind.

# %%
command = ["seg-ml", "corpora", "add", str(place / "mail"), "--id", "my-mail", "--directory", str(place / "raw")]
print(subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "TERM": "dumb", "FORCE_COLOR": ""}).stdout)

# %%
prepare(corpus_files(["my-mail"], place / "raw"), place / "messages.parquet", console=Console(quiet=True))
messages = read_prepared(place / "messages.parquet")
messages.groupby("label").agg(messages=("sha256", "size"), campaigns=("cluster", "nunique"), first=("date", "min"), last=("date", "max"))

# %% [markdown]
# ## Before training
#
# Three things to look at. Are both labels there, from the same months? Does a label repeat one letter? Is the fact that is to
# be learned the only thing in which they differ (`08_shortcuts`)?

# %%
plot_by_year(by_year(messages))

# %%
plot_cluster_sizes(cluster_sizes(messages))

# %% [markdown]
# ## What the champion says
#
# The model of today has never seen this mail. A low AUC says that your mail is not what it learned from, or that labels are wrong.

# %%
model = champion_or_artifact()
verdicts = model.score(score_requests(messages))
judged = messages.drop(columns="raw").assign(threat=[verdict.threat_probability for verdict in verdicts])
print(f"AUC {auc(unwanted(judged), threat(judged)):.4f}")
score_histogram(judged, 0.5)

# %% [markdown]
# ## Labels to check again
#
# A message whose neighbours all bear the other label is often filed wrongly. Confident learning asks a model that did not learn from the
# message: does it look like the other label at least as much as messages of that label do on average? First a linear model on your mail
# alone, out of fold, then the champion.

# %%
data = Development(messages.assign(tokens=[tokens(parse(raw)) for raw in messages["raw"]]), ("ham", "spam"), is_threat(messages).astype(int))
options = params.options(LinearOptions, "linear", next(iter(params["linear"].values())))
logits = held_out_logits(data, options, 3, params.seed)
own = fit_calibrator(logits, data.target).probabilities(logits)[:, 1]
confident_joint(own, data.threat)

# %%
suspects = label_errors(own, data.threat, messages["source_path"])
suspects.head(10).round(3)

# %%
label_errors(threat(judged), unwanted(judged), messages["source_path"]).head(10).round(3)

# %% [markdown]
# Read them, one by one; the list is where to look, not what to change. A message that both lists name is the first to open. Move it to the other
# folder, delete the corpus, add it again: labels live in the folders, and the corpus stays a copy of them.
#
# ## Make the champion fit
#
# A house sends its staff offers that read like spam to a model from elsewhere. `seg-ml train --from champion --corpus …` learns from one's own
# mail what the champion gets wrong there, in minutes and without the corpora that it came from: a correction by words, which moves no
# message's log-odds by more than `--limit`. Whole campaigns of the own mail are held out, and the latest of it once more; retained threats
# show what it costs, and so do threats written in the words of the house.

# %%
(place / "news").mkdir()
for number in range(each):
    (place / "news" / f"{number:04}.eml").write_bytes(house_news(number))
record = add(place / "news", "my-news", Label.HAM, place / "raw", console=Console(quiet=True))
with progress() as report:
    options = AdaptOptions(retained=row_limit(400), raw=place / "raw", work=place / "work")
    adapted = adapt(resolved_champion(), ["my-mail", "my-news"], params, options, report)
pd.DataFrame([shift.cells() for shift in adapted.shifts], columns=list(HEADER))

# %% [markdown]
# What it learned: words of the house speak for its mail, unless threats bear them too.

# %%
plot_words(telling_words(adapted.correction.words, 12))

# %% [markdown]
# And on one letter of the house that it has never seen: what each word takes from the log-odds, or adds. Together they move no message by more than
# the limit. In a verdict these words stand behind the others, marked `own:`.

# %%
one = adapted.correction.contributions(tokens(parse(house_news(each + 1, seed=9))))
pd.DataFrame(one[:10], columns=["word", "added to the log-odds"]).round(3)

# %% [markdown]
# On the command line the result is registered as `challenger`, and refused where something became worse than `--most-worse` allows.
#
# ## Train on it
#
# `seg-ml corpora add` without `--directory` puts the corpus into `data/raw`. Name it beside the others in `params.yaml`:

# %%
print(f"corpora:\n  use: {[*params['corpora']['use'], 'my-mail']}\n")

# %% [markdown]
# Then `dvc repro` prepares, splits, learns, evaluates and registers a version; `06_evaluation` shows your corpus as a slice of its own, and
# `07_promote_and_serve` lets it stand beside the champion before anything is moved.
