# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Words, weighed
#
# Before a transformer is worth its price it has to beat what a dictionary and a dot product can do. The baseline turns a message into
# words, weighs each by how rare it is (TF-IDF), and fits a logistic regression. It is scored in well under a
# millisecond, can say which words moved it, and is hard to beat on mail.
#
# Several linear models are in the artifact: the first of `linear:` in `params.yaml` is the baseline of every table; all of them give
# their logits to the fusion.

# %%
import pandas as pd

from seg_ml.evaluation.metrics import threshold_at
from seg_ml.models.calibration import fit_calibrator
from seg_ml.models.linear import LinearOptions, chosen
from seg_ml.training.development import development
from seg_ml.training.params import Params
from seg_ml.training.research.project import enter_project, row_limit, sampled_rows, subset
from seg_ml.training.research.text import (
    fit_rows,
    held_out_logits,
    learning_curve,
    plot_learning_curve,
    plot_recall,
    plot_words,
    recall_table,
    telling_words,
    threat_score,
)

enter_project()
params = Params.load()
settings = params["evaluation"]
data = development()
everything = int(data.genuine.sum())
data = subset(data, sampled_rows(data, row_limit(3_000), params.seed))
print(f"{len(data.target):,} of {everything:,} development messages, labels {', '.join(data.labels)}")
data.frame.groupby(["corpus", "label"])["cluster"].agg(messages="size", campaigns="nunique")

# %% [markdown]
# ## What a message becomes
#
# Words of the body stand as they are, others say where they come from: `s:` the subject, `f:` the sender, `u:` a link,
# `t:` the form, `h:` the sending program. Links, addresses, years and long numbers are masked in the text. Names of
# header fields are no words: they tell one corpus from another without a word being read (`02_corpora`).

# %%
options = {name: params.options(LinearOptions, "linear", values) for name, values in params["linear"].items()}
pd.DataFrame({name: vars(values) for name, values in options.items()})

# %%
example = data.tokens[len(data.tokens) // 2]
kinds = pd.Series(example).str.extract(r"^([sfuth]:)")[0].fillna("body")
kinds = kinds.replace({"s:": "subject", "f:": "sender", "u:": "link", "t:": "form", "h:": "program"})
pairs = pd.Series(example).str.contains(" ", regex=False)
pd.crosstab(kinds, pairs.map({True: "pairs", False: "single"})).rename_axis(index="kind of word in one message", columns=None)

# %%
lengths = pd.Series([len(set(chosen(tokens, next(iter(options.values()))))) for tokens in data.tokens])
lengths.describe(percentiles=[0.05, 0.5, 0.95]).round(0).astype(int).to_frame("different words a message")

# %% [markdown]
# ## Recall where it counts
#
# Each message is scored by a model that never saw its campaign. As everywhere here, the question is how much
# unwanted mail is caught when hardly any wanted mail may be touched.

# %%
logits = {
    name: held_out_logits(data, values, params["linear_folds"], params.seed) for name, values in options.items()
}
scores = {name: threat_score(values) for name, values in logits.items()}
recall_table(data, scores, settings["rates"], seed=settings["seed"]).round(4)

# %%
plot_recall(data.threat, scores, settings["rates"])

# %% [markdown]
# Do they fail on the same messages? Where they do not, a fusion can gain; both look at words, so expect no wonders.

# %%
limits = {name: threshold_at(data.threat, values, settings["rate"]) for name, values in scores.items()}
caught = pd.DataFrame({name: values[data.threat] >= limits[name] for name, values in scores.items()})
caught.replace({True: "caught", False: "missed"}).value_counts().to_frame("unwanted messages")

# %% [markdown]
# ## From logits to probabilities
#
# A logit is no probability. A map fitted on the out-of-fold logits makes it one; `06_evaluation` shows whether it keeps its
# word on the test side.

# %%
first = next(iter(options))
calibrator = fit_calibrator(logits[first], data.target)
probabilities = calibrator.probabilities(logits[first])
pd.DataFrame(probabilities, columns=["wanted", "unwanted"]).groupby(data.frame["label"].to_numpy()).describe().T.unstack(0).round(3).T

# %% [markdown]
# ## Which words speak
#
# The weights of the model fitted on all development messages. Reading them is the cheapest audit there is: a word
# that names a corpus, a year or a list stands out at once, and would be worthless on tomorrow's mail. Hosts, domains and
# numbers of years in the picture are just that: the corpus speaking, not the threat. They are the price of a small and old one.

# %%
model = fit_rows(data, options[first], pd.RangeIndex(len(data.target)).to_numpy(), params.seed)
words = telling_words(model, 22)
plot_words(words)

# %% [markdown]
# ## Would more mail help?
#
# Trained on growing shares of the campaigns and judged on a fifth held out, three times with others held out. A curve that
# still climbs at its right end asks for more mail; one that has gone flat asks for another model.

# %%
curve = learning_curve(data, options[first], [0.05, 0.1, 0.2, 0.4, 0.7, 1.0], settings["rate"], params.seed)
plot_learning_curve(curve, settings["rate"])

# %%
curve.groupby("share")[["messages", "recall", "average_precision"]].mean().round(4)

# %% [markdown]
# Thin lines lie far apart where few wanted messages are held out: at such a rate a handful of them sets the threshold.
#
# ## What it cannot do
#
# The order of words beyond pairs, a synonym that it never saw, an image with no words at all. The next notebook reads with a
# transformer.
