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
# # What a classifier can cheat with
#
# A model that has learned the wrong thing looks exactly like a good one, until it meets other mail. Wanted and unwanted
# mail were collected by other people in other years behind other servers, and all of that is easier to learn than the
# threat. So before a figure is believed: what would somebody reach who reads not a single word? Does what the models see
# still know which collection a message is from? And does it matter *that* a session was recorded, which says only who
# collected the mail?

# %%
import numpy as np
import pandas as pd
import yaml

from seg_ml.corpora.leaks import leaks, sample
from seg_ml.corpora.overview import fetched_files, plot_leaks
from seg_ml.corpora.requests import score_requests
from seg_ml.corpora.schema import read_prepared
from seg_ml.corpora.split import read_splits
from seg_ml.evaluation.compare import comparison, percent
from seg_ml.evaluation.corpus_probe import probe_figures
from seg_ml.evaluation.metrics import auc
from seg_ml.evaluation.probe import probe_table, token_counts
from seg_ml.evaluation.scores import of_model, read_scores
from seg_ml.evaluation.settings import settings_from
from seg_ml.evaluation.shortcuts import shortcut_scores
from seg_ml.training import paths
from seg_ml.training.development import development, is_threat, messages_with_split
from seg_ml.training.research.project import champion_or_artifact, enter_project, row_limit, sampled_rows, subset
from seg_ml.training.research.shortcuts import (
    KNOWN,
    NOTHING_FOUND,
    genre_table,
    header_name_matrix,
    plot_above_shortcuts,
    plot_genres,
    plot_probe,
    plot_session_effects,
    session_effects,
    year_matrix,
)

pd.set_option("display.max_colwidth", None)
params = yaml.safe_load((enter_project() / "params.yaml").read_text())
settings = settings_from(params["evaluation"])
messages = read_prepared(paths.MESSAGES)
messages.groupby(["corpus", "label"])["year"].agg(messages="size", first="min", last="max")

# %% [markdown]
# ## Two that read nothing
#
# One classifier sees only the **year** a message was sent, the other only the **names** of its header fields. Both learn
# on the training side and are judged on the test side, as every model is. Whatever they reach is the collection's gift.

# %%
scores = read_scores(paths.EVALUATION / "scores.parquet")
judged = of_model(scores, settings.model)
shortcuts = shortcut_scores(messages, read_splits(paths.SPLITS))
beside = shortcuts[(shortcuts["split"] == "test") & shortcuts["sha256"].isin(judged["sha256"])]
everyone = pd.concat([scores, beside], ignore_index=True).drop_duplicates(["sha256", "split", "model"])
table = comparison(everyone, settings.rates, settings.bins)
table.round(4)

# %%
plot_above_shortcuts(table, f"recall at {percent(settings.rate)}")

# %% [markdown]
# A model is worth what lies *above* the grey bars, and even that only if it gets there by another way. Header names are
# not offered to any model here; the rest of this page is about ways that remain.
#
# ## Collections, told apart without reading
#
# For each pair of collections in the folder of raw mail, the AUC of telling one from the other by header names and by
# year. Shown are pairs of one label, in bold, where there are any: between two kinds of wanted mail there is no threat to
# find, so whatever tells them apart is the collection.

# %%
leak_table = leaks(sample(fetched_files(paths.RAW), each=row_limit(100)))
between = leak_table[leak_table["same_label"]] if leak_table["same_label"].any() else leak_table
plot_leaks(between)

# %%
between.sort_values("auc", ascending=False).head(12)[["left", "right", "seen_by", "auc"]].round(3)

# %% [markdown]
# ## Does the model's view still know the collection?
#
# A probe is a plain logistic regression that has to name the corpus of *wanted* messages from what a model sees of them.
# Whole campaigns are held out, or it would know their letters by heart. Beside each figure stands what the same probe
# reaches when corpora are dealt out anew among campaigns: that is chance, on as many messages, with as many columns.

# %%
data = development()
data = subset(data, sampled_rows(data, row_limit(1_500), settings.seed))
wanted = subset(data, np.flatnonzero(~data.threat))
raw = messages.set_index("sha256")["raw"].reindex(wanted.frame["sha256"])
views = {
    "findings and features": wanted.vectors,
    "the same, session unknown": wanted.blind,
    "words": token_counts(wanted.tokens),
    "header names": header_name_matrix(raw),
    "year": year_matrix(wanted.frame["year"]),
}
probed = probe_table(views, wanted.frame["corpus"], wanted.clusters, settings.seed)
probed.round(3)

# %%
plot_probe(probed)

# %% [markdown]
# Some of it must remain. A mailing list is not an office, and a probe that reads words knows it: people of one
# place write about other things than people of another. What should worry is a row that reaches as much *without* any content.
# Where only one corpus holds wanted mail nothing can be measured, and the table says so: that is no acquittal, it is a
# reason to add a second one.
#
# ## The figure that the gate asks for
#
# So the gate does not ask whether mail *differs*, which it does. It asks whether the **decision** grades wanted mail by who collected it. The probe
# gets only the log-odds of the model and of its parts, the few numbers in which everything that moves a verdict has to show, and has to name
# the corpus among mail of one genre: letters of people among letters of people, newsletters among newsletters. The representation behind the
# decision stands beside it: what a model *could* lean on. A version whose decision tells more than `gate.corpus_auc` is not promoted.

# %%
genres = genre_table(probe_figures(scores, settings.model, settings.seed))
genres.round(3)

# %%
plot_genres(genres, params["gate"]["corpus_auc"])

# %% [markdown]
# Where a genre's dot lies far to the right, look at its letters before blaming the model: one collection may hold the harder ones. Rows without a
# dot had wanted mail of one corpus only.
#
# Which columns of the vectors tell most? Each alone, by AUC for the corpus with most wanted messages against the rest:

# %%
largest = wanted.frame["corpus"].value_counts().index[0]
inside = (wanted.frame["corpus"] == largest).to_numpy()
model = champion_or_artifact()
names = model.reader.vectorizer.names
alone = {name: auc(inside, column) for name, column in zip(names, wanted.vectors.T, strict=True)} if not inside.all() else {}
telling = pd.Series(alone, name=f"AUC for {largest}", dtype=float)
telling.reindex(telling.sub(0.5).abs().sort_values(ascending=False).index).head(15).round(3).to_frame()

# %% [markdown]
# ## That somebody looked must not count
#
# Old collections hold no results of SPF, DKIM and DMARC, new ones do. If "results are there" moved the probability, a model
# would call mail modern, not dangerous. So each message is scored three times: the bytes alone, with what was recorded of its
# session, and as if all three methods had been evaluated and had found nothing at all (`none`). The last must change next to nothing.

# %%
held_out = messages_with_split()
held_out = held_out[held_out["split"] == "test"]
held_out = held_out.sample(min(row_limit(100) // 2, len(held_out)), random_state=settings.seed)
effects = session_effects(model, score_requests(held_out))
plot_session_effects(effects, is_threat(held_out))

# %%
changes = effects[[NOTHING_FOUND, KNOWN]].sub(effects["blind"], axis=0)
pd.DataFrame(
    {
        "messages": len(changes),
        "mean change": changes.mean(),
        "largest change": changes.abs().max(),
        "changed by more than 0.05": (changes.abs() > 0.05).sum(),
        "crossed 0.5": ((effects[[NOTHING_FOUND, KNOWN]] >= 0.5).ne(effects["blind"] >= 0.5, axis=0)).sum(),
    }
).round(4)

# %%
print(f"results of authentication were recorded for {int(effects['recorded'].sum())} of {len(effects)} messages")

# %% [markdown]
# Where no session was recorded the lower and the upper row differ only by what the gateway would have found. Results that *say*
# something, a failed DMARC or a proven author, may and should move a score: `09_identity` turns to them.
