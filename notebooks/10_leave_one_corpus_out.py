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
# # Mail of another source
#
# A test side drawn from the same collections as the training side asks: does the model know *this* mail? Whoever installs it has
# other mail. The honest question leaves a whole collection out, learns from the rest, and judges the one that was
# never seen. The figures are lower as a rule, and nearer to what a new gateway will see in its first week.

# %%
import json

import pandas as pd

from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.unseen import plot_unseen
from seg_ml.models.linear import LinearOptions
from seg_ml.training import paths
from seg_ml.training.development import development
from seg_ml.training.params import Params
from seg_ml.training.research.project import enter_project, row_limit, sampled_rows, subset
from seg_ml.training.research.unseen import falls, figures_table, plot_inside_outside, small_unseen

enter_project()
params = Params.load()
rate = params["evaluation"]["rate"]
committed = paths.EVALUATION / "unseen.json"
figures = json.loads(committed.read_text()) if committed.is_file() else {"experiments": {}}
print(f"{committed}: {len(figures['experiments'])} experiments" if figures["experiments"] else
      f"{committed} is not there yet: `dvc repro unseen` makes it, from every corpus in `unseen.corpora` of params.yaml")

# %% [markdown]
# ## The committed figures
#
# Each experiment learns a whole model, transformer and fusion too, from all corpora but one. A corpus of one kind only, such as
# a collection of phishing, is judged beside held-out mail of the other kind.

# %%
keys = {"auc": "AUC", "f1": "F1", "recall_0.5": "recall at 0.5 %", "recall_1.0": "recall at 1 %",
        "false_positive_rate": "false positives at 0.5", "bound": "false positives where ≤ 1 % was promised", "ece": "ECE"}
figures_table(figures, keys).round(3) if figures["experiments"] else "nothing to show yet"

# %%
plot_unseen(figures) if figures["experiments"] else "nothing to show yet"

# %% [markdown]
# Look at the column of promised false positives. A threshold that was chosen on familiar mail keeps its word there; on a
# collection that the model never saw it may be broken many times over. A guarantee is about mail like that on which it was made
# (`12_calibration_and_cost`).
#
# ## The same, small and live
#
# The experiment is easily repeated with linear models on what is prepared here. Four readers: one of **words**, one of
# **findings and features**, a **stack** that learned from out-of-fold scores how far to trust either, and a **vote**, their plain mean,
# which learned nothing at all.

# %%
data = development()
data = subset(data, sampled_rows(data, row_limit(2_500), params.seed))
options = params.options(LinearOptions, "linear", next(iter(params["linear"].values())))
table = small_unseen(data, options, rate, 3, params.seed)
by = "corpus"
if table.empty:
    # Too few corpora: kinds of mail within them are the next best thing to leave out.
    by = "kind"
    table = small_unseen(data, options, rate, 3, params.seed, by)
print(f"left out in turn: each {by}" if len(table) else "nothing can be left out here without losing all wanted, or all unwanted mail")

# %% [markdown]
# Every line joins what a reader reaches on the *same messages*: the ring when the rest of their collection was learned from (their
# campaigns were not), the dot when the collection was left out. Its length is the price of the unfamiliar.

# %%
plot_inside_outside(table, "auc", "AUC") if len(table) else "nothing to show"

# %%
plot_inside_outside(table, "recall", f"recall at {percent(rate)} false positives") if len(table) else "nothing to show"

# %%
falls(table, "auc").round(3)

# %%
falls(table, "recall").round(3)

# %% [markdown]
# ## Why a vote may fall less than a stack
#
# A stack learns from out-of-fold scores, and out of fold means: other campaigns, *same collections*. There the reader of words looks
# nearly infallible, since it also reads the collection itself, so the stack leans on it. On a new collection that support gives way,
# and the stack keeps leaning. A vote gives each reader the same say whatever happened in training, so it cannot lean on what is about
# to fail. It pays for that at home, where the stack is usually the better one. The tables show which of the two
# happened here.
#
# What follows for a model of many collections: each of the transformer's models holds out whole ones, so that the stack learns from what it
# says of mail as strange as the next; the transformer has half of the text models' vote, since the linear ones all see the same
# words; what innocent words are worth has an end (`fusion.linear_floor`), for on strange mail nearly all words are; fusion is fitted with copies of messages from which the session is taken
# away, findings are not dropped because words seem to say it all, and figures such as those above stand beside those of the test side.
# `11_robustness` changes the messages instead of the collection.
