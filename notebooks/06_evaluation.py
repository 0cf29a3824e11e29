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
# # How good is it, and how sure are we?
#
# The pipeline has scored the held-out messages with every model and left the scores in one table. Accuracy
# would say little here: most mail is wanted, and a wanted message in quarantine costs far more than a spam in the
# inbox. So the first question is always: **how much unwanted mail is caught, if hardly any wanted mail may be
# touched?** Then: do the probabilities mean what they say, where does it fail, and on what does it fail worst?
#
# The table comes from `dvc repro`; so do the messages, which are only looked at near the end.

# %%
import pandas as pd
import yaml

from seg_ml.corpora.schema import read_prepared
from seg_ml.corpora.split import read_splits
from seg_ml.evaluation.compare import comparison, percent, slice_differences
from seg_ml.evaluation.errors import described, largest_errors
from seg_ml.evaluation.label_errors import listed
from seg_ml.evaluation.metrics import at_rate, ece, threshold_at
from seg_ml.evaluation.plots import (
    confusion_matrix,
    low_rate_roc,
    precision_recall,
    reliability_diagram,
    score_histogram,
    slice_forest,
    threshold_sweep,
)
from seg_ml.evaluation.scores import of_model, read_scores, threat, unwanted
from seg_ml.evaluation.settings import settings_from
from seg_ml.evaluation.shortcuts import shortcut_scores
from seg_ml.evaluation.slices import slice_table
from seg_ml.evaluation.thresholds import cheapest, sweep, threshold_table
from seg_ml.training import paths
from seg_ml.training.research.project import enter_project

params = yaml.safe_load((enter_project() / "params.yaml").read_text())
settings = settings_from(params["evaluation"])
scores = read_scores(paths.EVALUATION / "scores.parquet")
messages = read_prepared(paths.MESSAGES)
rows = of_model(scores, settings.model)
rows.groupby(["corpus", "kind", "label"])["cluster"].agg(messages="size", campaigns="nunique")

# %% [markdown]
# ## Every model, and two that cheat
#
# Two more rows join the table. One classifier sees only the **year** of a message, the other only the **names** of its
# header fields. Neither reads a word. What they reach is what the corpus gives away for free, and only what lies
# above them is worth anything.

# %%
shortcuts = shortcut_scores(messages, read_splits(paths.SPLITS))
beside = shortcuts[(shortcuts["split"] == "test") & shortcuts["sha256"].isin(rows["sha256"])]
everyone = pd.concat([scores, beside], ignore_index=True)
comparison(everyone, settings.rates, settings.bins).round(4)

# %% [markdown]
# ## At few false positives
#
# An axis from 0 to 1 hides the only part of the curve that a mail filter uses. On a logarithmic axis it fills the
# picture: the dotted lines are one false alarm in a thousand, in two hundred, in a hundred.

# %%
low_rate_roc(everyone, settings.rates)

# %%
precision_recall(everyone, settings.rates)

# %% [markdown]
# ## Thresholds, and how firmly the data settle them
#
# With a thousand wanted messages, 0.1 % of false positives is *one* message. The threshold hangs on it, and its
# interval says so. Resampling is by **campaign**: twenty copies of one letter are one observation.

# %%
thresholds = threshold_table(rows, settings.rates, settings.resamples, settings.seed)
thresholds.round(4)

# %%
marks = {percent(rate): value for rate, value in zip(thresholds["rate"], thresholds["threshold"], strict=True)}
threshold_sweep(sweep(rows), marks)

# %% [markdown]
# A threshold may also be asked for by its price. If a false alarm costs so many times what a miss costs, and so
# much of the mail at the door is unwanted, the cheapest threshold is:

# %%
prices = [(1, 10), (1, 100), (1, 1000)]
pd.DataFrame(
    [
        {
            "alarm costs as many misses": alarm,
            "unwanted at the door": share,
            "threshold": cheapest(rows, miss, alarm, share)[0],
        }
        for miss, alarm in prices
        for share in (0.1, 0.5)
    ]
).pivot_table(index="alarm costs as many misses", columns="unwanted at the door", values="threshold").round(4)

# %% [markdown]
# Were the probabilities perfect, and as much of the mail unwanted as here, the price alone would give the threshold:
# at ten to one, 10 / 11 = 0.909. How near to that are they? (Where a price asks for less than one false alarm among
# all wanted messages there are, no data here can tell thresholds apart: the rows below stay the same.)
#
# ## Do the probabilities mean what they say?
#
# Messages that got "0.9" should be unwanted nine times in ten. Bins hold equally many messages; below, how many got
# which probability.

# %%
reliability_diagram(rows, settings.bins)

# %%
for name in everyone["model"].drop_duplicates():
    each = of_model(everyone, name)
    print(f"{name:18} ECE {ece(unwanted(each), threat(each), settings.bins):.4f}")

# %%
threshold = threshold_at(unwanted(rows), threat(rows), settings.rate)
score_histogram(rows, threshold)

# %% [markdown]
# ## Which label
#
# Apart from whether a message is unwanted, the model names its kind. Labels without data are absent.

# %%
confusion_matrix(rows)

# %% [markdown]
# ## Where it fails
#
# One threshold holds for all mail, so the rates of its parts differ. Hollow dots are slices with few messages; their
# intervals are honest about it. A newsletter looks more like spam than a letter does: look at the kinds of ham.

# %%
table = slice_table(rows, threshold, settings.slice_minimum, settings.bins, settings.resamples, settings.seed)
slice_forest(table)

# %% [markdown]
# Is it anywhere worse than the baseline? A positive gain is for the model, also for false positives; intervals are
# paired, both models see the same resamples. `certain` says that the interval excludes zero.

# %%
against = slice_differences(
    scores, settings.model, settings.baseline, settings.rate, settings.margin, settings.slice_minimum
)
against.sort_values("gain").head(8).round(4)

# %%
print(f"{int(against['worse'].sum())} slices fall behind by more than {percent(settings.margin)}")

# %% [markdown]
# ## Labels to look at again
#
# Some mistakes are the label's. Messages of every corpus that look like the other side to models that did not learn from them (confident
# learning), the surest first; `dvc repro` writes the whole list, learned mail out of fold included, to `data/evaluation/label-errors.csv`. Of
# mail that was made the label is right, and the letter is hard.

# %%
listed(rows).head(12)

# %% [markdown]
# ## The worst mistakes
#
# The wanted messages about which the model was most sure that they are not, and the other way round. What is shown are
# counts and the ids of findings: no words, no addresses. The corpora have the messages, under these hashes.

# %%
errors = largest_errors(rows, threshold, each=8)
worst = described(errors, messages, params["signatures"])
worst[["message", "mistake", "threat", "kind", "size", "words", "links", "hosts", "images", "list", "reply"]].round(4)

# %%
worst[["message", "mistake", "defects", "findings"]]

# %% [markdown]
# Do several models fail on the same messages? If they do, the label may be wrong, or the message may say too little to
# anyone; if they do not, there is something to fuse.

# %%
others = {}
for name in scores["model"].drop_duplicates():
    each = of_model(scores, name)
    limit = at_rate(unwanted(each), threat(each), settings.rate).threshold
    others[name] = pd.Series((threat(each) >= limit) != unwanted(each), index=each["sha256"])
wrong = pd.DataFrame(others)
wrong.groupby(list(wrong.columns)).size().rename("messages").reset_index().sort_values("messages", ascending=False)
