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
# # In other languages
#
# Most labelled mail is English, most offices are not. A model may take a foreign language for a sign of spam, since hardly any wanted
# mail it saw was written in one. What languages are there, how does the model do in each, what does it say to the same kind of letter in seven of
# them, and what does its tokenizer make of words it was not made for?

# %%
import pandas as pd

from seg_ml.corpora.schema import read_prepared
from seg_ml.evaluation.conformal import abstain
from seg_ml.evaluation.metrics import threshold_at
from seg_ml.evaluation.plots import slice_forest
from seg_ml.evaluation.scores import of_model, read_scores, threat, unwanted
from seg_ml.evaluation.settings import settings_from
from seg_ml.evaluation.slices import slice_table
from seg_ml.evaluation.translations import agreement, changed
from seg_ml.training import paths
from seg_ml.training.development import development
from seg_ml.training.params import Params
from seg_ml.training.research.backbones import backbones_at_hand, compare_backbones
from seg_ml.training.research.languages import (
    letter_scores,
    letters_in_all_languages,
    part_scores,
    plot_changed,
    plot_letter_scores,
    plot_subwords,
    scored_translations,
    spread_table,
    subword_counts,
)
from seg_ml.training.research.project import champion_or_artifact, enter_project, row_limit, sampled_rows

enter_project()
params = Params.load()
settings = settings_from(params["evaluation"])
messages = read_prepared(paths.MESSAGES).drop(columns="raw")
messages.assign(language=messages["language"].fillna("unknown")).pivot_table(
    index="language", columns="label", values="sha256", aggfunc="count", fill_value=0
)

# %% [markdown]
# ## By language
#
# The language is guessed from the text, and unknown where there is too little of it. One threshold for all mail; intervals are by campaign, and
# with few messages they are wide.

# %%
rows = of_model(read_scores(paths.EVALUATION / "scores.parquet"), settings.model)
limit = threshold_at(unwanted(rows), threat(rows), settings.rate)
table = slice_table(rows, limit, settings.slice_minimum, settings.bins, settings.resamples, settings.seed)
table = table[table["by"] == "language"].reset_index(drop=True)
slice_forest(table) if len(table) else "all of the mail judged is of one language"

# %% [markdown]
# ## The same letter in seven languages
#
# Notices of companies, truly sent by them, filled on the spot from templates that are in no corpus: all are wanted, so every score should be low.
# Company, sender, links, session and program are the same in every language. What differs is what is read.

# %%
model = champion_or_artifact()
letters = letters_in_all_languages(row_limit(60) // 6, params.seed)
spread = letter_scores(model, letters)
plot_letter_scores(spread)

# %%
pd.DataFrame({"median": spread.median(), "highest": spread.max(), "held at 0.5": (spread >= 0.5).mean()}).round(4)

# %%
print(f"median over letters of the spread between languages: {(spread.max(axis=1) - spread.min(axis=1)).median():.3f}")

# %% [markdown]
# ## Its verdict must not change
#
# A spread below every threshold harms nobody. What counts is whether a *verdict* changes: the same letter held in one language and delivered in
# another. Each letter is also sent by a stranger, once for all languages, and should be held in all of them. The threshold is the one at
# which the gate measures.

# %%
translations = scored_translations(model, row_limit(60) // 4, params.seed)
missed = params["robustness"]["missed"]
low = min(abstain(rows, settings.rate, missed).low, limit)
agreement(translations, limit, low).round(3)

# %%
differing = changed(translations, limit)
plot_changed(differing)

# %%
differing.round(3)

# %% [markdown]
# `all agree` is the share of letters with one verdict in all seven languages, with its interval; `pairs agree` counts pairs of languages.
# `contrary` is the share that is delivered in one language and held in another where somebody looks at what lies between two thresholds, as
# in `12_calibration_and_cost`: the one above, and the one below which no more than `robustness.missed` of unwanted mail is delivered. No model
# learned from these templates; `dvc repro robustness` measures the same with letters of the corpus beside them.
#
# The parts of the model by themselves: words cannot know a language that the corpora hold little of, a transformer may have met it in
# pretraining, and features look at no words at all. How far do translations of one letter lie apart for each?

# %%
spread_table(part_scores(model, letters))

# %% [markdown]
# ## What the tokenizer makes of it
#
# A tokenizer made for English has whole words for English. Others it cuts into pieces, down to letters: the pieces mean little, and the same
# letter fills the window sooner, so less of it is read.

# %%
pieces = subword_counts(paths.ARTIFACT / "tokenizer.json", letters)
plot_subwords(pieces)

# %%
window = params["transformer"]["head"] + params["transformer"]["tail"]
pieces.assign(cut=pieces["subwords"] > window).groupby("language")[["words", "subwords", "ratio", "cut"]].mean().round(2)

# %% [markdown]
# ## Another backbone
#
# `transformer.backbone` in `params.yaml` names a package, a folder or a model of the hub, with the hash of its weights beside it.
# multilingual-e5-small and MiniLM, which was made for English, come with packages of the set-up and stand here side by side: fine-tuned on
# the same half of a sample, looked at on the other, then shown the same letters. The former has twice the layers, and most of it is
# vocabulary, which `transformer.trim_vocabulary` cuts to what the mail needs.

# %%
data = development()
rows = sampled_rows(data, row_limit(800), params.seed)
facts, translated = compare_backbones(backbones_at_hand(params), data, rows, letters, params)
facts.round(3)

# %%
spread_table(translated)

# %% [markdown]
# A small sample says which way it goes, not how far. The pipeline says that, with one line (`docs/speed-and-languages.md`); and before
# that, mail: no backbone learns what is wanted in a language from corpora that hold none of it.
