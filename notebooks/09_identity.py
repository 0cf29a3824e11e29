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
# # Who wrote it
#
# A good phishing letter *is* the company's letter: the same words, the same layout, copied. What it cannot copy is the
# proof of its sender and the place where its links lead. A model that goes by letterheads will hold the honest bank and let the
# careful thief pass. So here the same letter is sent twice, by the company that it names and by somebody else, and
# then the other way round: the same sender, with two letterheads.
#
# The letters come from `seg_ml.corpora.modern`, which writes them on the spot; nothing is fetched. They were never in
# a corpus, although the templates may have been: figures on them show what a model attends to, not how good it is on mail of the world.

# %%
import pandas as pd

from seg_ml.artifact.account import attribution
from seg_ml.artifact.clearing import clearing
from seg_ml.evaluation.intervals import wilson
from seg_ml.training.params import Params
from seg_ml.training.research.identity import (
    HONEST,
    HOSTILE,
    OTHER_LETTERHEAD,
    letter_pairs,
    letterhead_scores,
    pair_scores,
    plot_clearing,
    plot_pairs,
    side_by_side,
    what_would_clear,
)
from seg_ml.training.research.project import champion_or_artifact, enter_project, row_limit
from seg_ml.training.research.verdicts import finding_table, plot_readers

pd.set_option("display.max_colwidth", None)
enter_project()
params = Params.load()
model = champion_or_artifact()
pairs = letter_pairs(row_limit(60), params.seed)
facts = model.manifest.training
print(f"{len(pairs)} pairs; the model learned from {', '.join(facts['corpora'])}")

# %% [markdown]
# ## One letter, two senders
#
# Subject and text are the same. Everything that differs is in this table:

# %%
pair = pairs[0]
side_by_side(pair)

# %%
honest, hostile = model.score([pair.honest, pair.hostile])
print(f"{HONEST}: {honest.threat_probability:.1%} unwanted\n{HOSTILE}: {hostile.threat_probability:.1%} unwanted")

# %% [markdown]
# Mind the proof. A stranger may pass SPF, DKIM and DMARC, for a domain of his own: "passed" says that the sender is who he
# says, not that he is the company. What matters is whether *what is proven* fits *what is claimed*. What the signatures
# saw in the second message:

# %%
finding_table(hostile.findings)

# %% [markdown]
# ## All the pairs
#
# A line per letter: on the left its probability when the company sent it, on the right when a stranger did. A model that knows about
# identity has lines that rise; one that reads words only has them flat, wherever they lie.

# %%
scores = pair_scores(model, pairs)
plot_pairs(scores, HONEST, HOSTILE, "one letter, two senders")

# %%
higher = int((scores[HOSTILE] > scores[HONEST]).sum())
ends = wilson(higher, len(scores))
print(f"the stranger's letter scores higher in {higher / len(scores):.1%} of pairs (95 %: {ends.low:.1%} to {ends.high:.1%})")
scores[[HONEST, HOSTILE]].describe(percentiles=[0.1, 0.5, 0.9]).drop("std").round(4)

# %% [markdown]
# That a score is *higher* is not enough where both end up on one side of a threshold. How many of each side would be held:

# %%
limits = [0.5, 0.9, 0.95]
pd.DataFrame(
    {f"held at {limit:g}": (scores[[HONEST, HOSTILE]] >= limit).mean() for limit in limits}
).round(3)

# %% [markdown]
# By language and for brands against companies that nobody knows. Few pairs each: read it as a hint where to look.

# %%
rises = scores.assign(higher=scores[HOSTILE] > scores[HONEST], gap=scores[HOSTILE] - scores[HONEST])
by_language = rises.groupby("language").agg(pairs=("gap", "size"), higher=("higher", "mean"), median_gap=("gap", "median"))
by_brand = rises.groupby(rises["brand"].map({True: "brand", False: "unknown company"})).agg(
    pairs=("gap", "size"), higher=("higher", "mean"), median_gap=("gap", "median")
)
pd.concat([by_language, by_brand]).round(3)

# %% [markdown]
# ## What moves it
#
# For each hostile letter that is held, the fewest changes that would let it pass: to prove its sender, to lead its links to the
# sender's own site, to leave out what a signature saw, or some of its words. They are changes a sender could make, so the
# answer is also a list of what a thief will try next.

# %%
held = [item.hostile for item, value in zip(pairs, scores[HOSTILE], strict=True) if value >= 0.5][: row_limit(40) // 4]
clear = what_would_clear(model, held)
plot_clearing(clear) if len(clear) else print("none of the hostile letters is held at 0.5: there is nothing to clear")

# %%
examples = [clearing(model, request) for request in held[:3]]
for found in examples:
    print(found.sentence if found else "No three of these changes would have let it pass.")

# %% [markdown]
# And the words, as either reader of text weighs them. The linear model's are parts of a sum. The transformer has no such sum, so each word is left
# out of what it reads, and the bar is what it misses then. Sender and links are not in its text: whatever it says is about the letter.

# %%
text_of = attribution(model, held[0]) if held else None
plot_readers(model.score(held[:1])[0], text_of) if text_of else "nothing is held"

# %%
pd.DataFrame(text_of.sentences if text_of else (), columns=["sentence", "taken from the transformer's logit"]).round(3)

# %% [markdown]
# The names of hosts in links and of senders are words to the linear models too, so "words" in the sentences above may mean an
# ending like `tld:` or the form of an address. Where words of the letter alone would clear it, the model goes by the letterhead after
# all. Where proof, links and hosts would, it looks at what a thief cannot copy.
#
# ## The other way round: one sender, two letterheads
#
# Now the identity stays: the same company, proven as before. It sends its own letter, and then one that bears another company's
# name. Nothing about the sender changes, only what is claimed. To a reader of words both are harmless letters; somebody who
# compares the claim with the proof should wonder at the second.

# %%
scores[OTHER_LETTERHEAD] = letterhead_scores(model, pairs)
plot_pairs(scores, HONEST, OTHER_LETTERHEAD, "one sender, two letterheads")

# %%
pd.DataFrame(
    {
        "another sender, same letter": (scores[HOSTILE] - scores[HONEST]).abs().describe(),
        "same sender, another letterhead": (scores[OTHER_LETTERHEAD] - scores[HONEST]).abs().describe(),
    }
).drop("std").rename_axis("change of the probability").round(4)

# %% [markdown]
# If the second column is the larger one, the model still listens to words more than to senders. If the first is, identity
# carries the verdict, which is what was wanted; a modest rise in the second is then right, for a company that writes in another's
# name is not a good sign either.
#
# `10_leave_one_corpus_out` asks the same question of whole collections: what is left when nothing is familiar?
