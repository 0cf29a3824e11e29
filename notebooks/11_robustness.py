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
# # What a sender can do about it
#
# A spammer sees whether his mail arrives. He changes what is cheap to change: letters that look alike, invisible characters, honest
# words where nobody looks, a picture instead of text. What he may not change is what the reader is meant to do, or he
# earns nothing. Each attack here keeps that. The question is how many threats that were caught get through.

# %%
import json

import pandas as pd

from seg_ml.corpora.requests import score_requests
from seg_ml.evaluation.attacks import ATTACKS
from seg_ml.evaluation.compare import percent
from seg_ml.evaluation.metrics import threshold_at
from seg_ml.evaluation.robustness import copies_caption, plot_copies, plot_robustness
from seg_ml.evaluation.scores import of_model, read_scores, threat, unwanted
from seg_ml.training import paths
from seg_ml.training.development import is_threat, messages_with_split
from seg_ml.training.params import Params
from seg_ml.training.research.project import champion_or_artifact, enter_project, row_limit
from seg_ml.training.research.robustness import (
    attack_scores,
    before_and_after,
    committed_table,
    damage,
    plot_attack_scores,
)

pd.set_option("display.max_colwidth", None)
enter_project()
params = Params.load()
rate = params["robustness"]["rate"]
model = champion_or_artifact()
rows = of_model(read_scores(paths.EVALUATION / "scores.parquet"), params["evaluation"]["model"])
threshold = threshold_at(unwanted(rows), threat(rows), rate)
print(f"{len(ATTACKS)} attacks; at {percent(rate)} false positives the threshold is {threshold:.4f}")

# %% [markdown]
# ## One message, before and after
#
# A letter of our own, and the beginning of what the model reads of it. Invisible characters and letters of other alphabets are folded
# back before words are formed, hidden text is left out of the reading or marked by a signature. Where the row looks like the
# first one, the attack was undone before any model saw it.

# %%
letter = b"""From: "Account Service" <service@example.org>\r
To: bob@example.net\r
Subject: Please verify your account\r
Message-ID: <1@example.org>\r
Date: Fri, 17 May 2024 02:00:00 +0000\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<html><body><p>Dear customer, your account is limited. Please verify your password within 24 hours,\r
or it will be suspended.</p><p><a href="http://198.51.100.9/login">Verify now</a></p></body></html>\r
"""
before_and_after(letter)

# %% [markdown]
# ## Threats of the test side, attacked
#
# Messages that no model learned from. Blue is the message as it was sent; black bars are medians.

# %%
held_out = messages_with_split()
held_out = held_out[(held_out["split"] == "test") & is_threat(held_out)]
held_out = held_out.sample(min(row_limit(60) // 3, len(held_out)), random_state=params.seed)
table = attack_scores(model, score_requests(held_out))
plot_attack_scores(table, threshold)

# %%
damage(table, threshold).round(4)

# %% [markdown]
# Few messages, so read it as a picture, not as a measurement. An attack may even *raise* a score: hiding is itself
# something that honest mail seldom does, and a signature says so.
#
# Which messages would get away, and by how many of the attacks?

# %%
escapes = (table.drop(columns="none") < threshold)[table["none"] >= threshold]
escapes.sum(axis=1).value_counts().sort_index().rename_axis("attacks that let it through").to_frame("messages")

# %% [markdown]
# ## The committed measurement
#
# `dvc repro robustness` does the same with more messages and keeps each model's own threshold, so that the readers of text and
# the fusion can be compared. Intervals are Wilson's.

# %%
committed = paths.EVALUATION / "robustness.json"
figures = json.loads(committed.read_text()) if committed.is_file() else None
committed_table(figures).round(4) if figures else f"{committed} is not there yet: `dvc repro robustness` makes it"

# %%
plot_robustness(figures) if figures else "nothing to show yet"

# %% [markdown]
# ## Before and after
#
# The model learned from **disguised copies** of its messages. What it would lose without them, the artifact cannot say. So the stage fits two
# smaller models to the same campaigns with the same settings, and only one of them sees the copies. Each line leads from what an attack
# costs without them to what it costs with them; to the left is better. Hold the dots against each other, not against the
# table above: these models learned from much less.

# %%
plot_copies(figures) if figures and "copies" in figures else "not measured yet: `dvc repro robustness`, with `robustness.before` in params.yaml"

# %%
print(copies_caption(figures) if figures else "")

# %% [markdown]
# Two ways to fight words: to replace telling ones, and to add honest ones, in plain sight or as a quoted thread. The tables say which
# of them costs more. What is written in headers, links and form stays as it is under all of them. That is what findings are for, and why
# words of which none accuses do not absolve: beyond `fusion.linear_floor` and `fusion.transformer_floor` more of them count for nothing.
#
# A **language switch** is a third way: what is asked stays, the words go. The suite's is a lexicon's, broken on purpose or not, and shows whether a
# verdict hangs on words of one language. Fluent letters in seven languages are in `13_multilingual`.
#
# None of these attackers knew the model. One who could ask it a thousand times would do better, which is one reason why the gateway
# tells senders nothing about scores.
