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
# # What a mistake costs, and what can be promised
#
# A probability is useful as far as it can be acted upon. Three questions on the way from a score to a policy: do probabilities
# mean the same in every kind of mail? Given what a miss and a false alarm cost, where is the cheapest threshold? And can an
# administrator be **promised** that no more than so much of the wanted mail will be held, from the mail there is?

# %%
import pandas as pd
import yaml

from seg_ml.evaluation.bands import Prices, policy_fragment, suggested
from seg_ml.evaluation.by_slice import ece_by_slice
from seg_ml.evaluation.conformal import (
    abstain,
    abstention_curve,
    band_figures,
    coverage,
    least,
    promise,
    promise_in_slices,
    promise_table,
    promise_within,
)
from seg_ml.evaluation.metrics import ece
from seg_ml.evaluation.scores import of_model, read_scores, threat, unwanted
from seg_ml.evaluation.settings import settings_from
from seg_ml.training import paths
from seg_ml.training.research.cost import (
    band_table,
    cost_table,
    plot_abstention,
    plot_costs,
    plot_coverage,
    plot_ece_by_slice,
    plot_promises,
    reliability_by_slice,
)
from seg_ml.training.research.project import enter_project

params = yaml.safe_load((enter_project() / "params.yaml").read_text())
settings = settings_from(params["evaluation"])
scores = read_scores(paths.EVALUATION / "scores.parquet")
judged = of_model(scores, settings.model)
held_out = of_model(scores, settings.model, "validation")
pd.DataFrame(
    {name: [int((~unwanted(rows)).sum()), int(unwanted(rows).sum())] for name, rows in (("validation", held_out), ("test", judged))},
    index=["wanted", "unwanted"],
)

# %% [markdown]
# Thresholds are made on the validation side, whose scores are out of fold, and judged on the test side. To choose and to judge
# on the same mail would flatter every one of them.
#
# ## Calibrated on the whole, and in its parts?
#
# All mail together may be calibrated while one kind is always scored too high and another too low. Slices with both
# classes only: a collection of wanted mail alone has no curve.

# %%
reliability_by_slice(judged, settings.slice_minimum)

# %%
print(f"all messages: ECE {ece(unwanted(judged), threat(judged), settings.bins):.4f}")
in_parts = ece_by_slice(judged, settings.slice_minimum, settings.bins)
in_parts.round(4)

# %%
plot_ece_by_slice(in_parts) if len(in_parts) else "no slice holds both classes"

# %% [markdown]
# Few messages give an error above zero to a perfect model too; `by_chance` is how much. Only what is well above it says
# anything.
#
# ## What it costs
#
# A miss is the unit: an unwanted message that somebody has to delete, or falls for. A false alarm is a letter that did not
# arrive in time. The price of the one in units of the other is no matter of statistics; whoever runs the mail has to say it.

# %%
prices = [1, 10, 100, 1000]
plot_costs(judged, prices, 0.5)

# %%
costs = cost_table(held_out, prices, [0.1, 0.5, 0.9])
costs.round(4)

# %% [markdown]
# `in_theory` is the threshold that the price alone asks for if probabilities are perfect. Where the cheapest threshold is far from it,
# either calibration is off at that end or there are too few messages to tell. With an infinite threshold it is cheapest
# to flag nothing: at such a price no evidence at hand suffices.
#
# ## What can be promised
#
# Order the scores of the wanted messages held out. A new wanted message falls into any gap between them with the same probability,
# so a threshold at the right rank keeps the false positives *expected* of it at or below what was promised, whatever the distribution.
# The price is mail: to promise one in a thousand takes a thousand wanted messages, for a threshold at the very largest score.

# %%
rates = [0.005, 0.01, 0.02, 0.05, 0.1]
promises = promise_table(held_out, rates, judged)
promises.round(4)

# %%
plot_promises(promises)

# %% [markdown]
# `expected` is an average over choices of the messages that made the threshold. With *these* messages the rate may be higher:
# `likely_at_most` is what it stays below in 95 of 100 choices. An infinite threshold means that there was too little mail for the promise:

# %%
pd.Series({f"{rate:.2%}": least(rate) for rate in (0.0001, 0.001, *rates)}, name="wanted messages needed").to_frame()

# %% [markdown]
# ## Kept on average, broken somewhere
#
# The guarantee speaks of all wanted mail together. Some kind of it may be flagged far more often, and others pay for it with fewer.
# Red intervals lie above the promise for certain.

# %%
enough = [rate for rate in rates if least(rate) <= int((~unwanted(held_out)).sum())]
promised = enough[0] if enough else rates[-1]
limit = promise(held_out, promised).threshold
table = coverage(judged, limit, promised)
plot_coverage(table, promised) if len(table) else "one slice only: nothing to compare"

# %%
table.head(10).round(4)

# %% [markdown]
# For a kind of mail that matters and is red, make the promise on that kind, or correct the model. A threshold that keeps it in every genre
# (list, personal, bulk, transactional) by itself is that of the most suspected one, and all others pay for it with recall. So does one that
# keeps it in every slice at once, by corpus, kind, language, year, size and form, as an evaluation's report says beside the plain promise:

# %%
within, everywhere = promise_within(held_out, promised, "genre"), promise_in_slices(held_out, promised)
thresholds = {"of all wanted mail": limit, "in each genre": within.threshold, "in every slice": everywhere.threshold}
pd.DataFrame(
    {
        name: [value, (coverage(judged, value, promised)["kept"] == "no").sum(), (threat(judged)[unwanted(judged)] >= value).mean()]
        for name, value in thresholds.items()
    },
    index=["threshold", "slices in which it is broken", "recall"],
).round(4)

# %% [markdown]
# And a promise made on old mail is not
# one about tomorrow's: `10_leave_one_corpus_out` shows how far it can be off for mail of another source.
#
# ## Two thresholds instead of one
#
# A single threshold decides every message, also those about which the model knows nothing. With two it may **abstain**: hold above
# the upper one, deliver below the lower one, and leave what lies between to a tag, a second look, or a slower analysis. The upper one
# keeps the promise about wanted mail, the lower one that about unwanted mail delivered.

# %%
curve = abstention_curve(held_out, judged, promised, [0.01, 0.02, 0.05, 0.1, 0.2])
plot_abstention(curve, promised)

# %%
curve.round(4)

# %% [markdown]
# The further left, the more is promised about misses and the more there is to look at. Where a row has `low` equal to `high`, one threshold keeps
# both promises.
#
# ## What looking is worth
#
# Or let prices draw the band. Somebody who looks at a message costs time too, less than a miss or a lost letter. A message is worth a look
# where that is the cheapest of the three; where looking is dear, the band closes and one threshold is left. `cost` and `cost without` are
# those of a thousand messages on the test side, with the band and with the single cheapest threshold.

# %%
band_table(held_out, judged, [5, 20, 100], [0.02, 0.1, 0.5]).round(4)

# %% [markdown]
# ## The policy that follows
#
# Thresholds live in `policy.yaml`, not in the model. First the rows of the band with at most 5 % of unwanted mail delivered, in the gateway's
# own words, to stand after the rows about dangerous content and before whatever is delivered. What the gateway holds as `undecided` it lists
# by that name.

# %%
band = abstain(held_out, promised, 0.05)
print(policy_fragment(band))

# %%
pd.Series(band_figures(band, judged), name="on the test side").round(4).to_frame()

# %% [markdown]
# And those that follow from prices, with the promise kept on top. `seg-ml thresholds --alarm 20 --look 0.1` prints the same.

# %%
print(policy_fragment(suggested(held_out, Prices(alarm=20, look=0.1), promised)))

# %% [markdown]
# After an edit, `seg-gateway check-config` reads the whole table as the gateway will, and names the row that is wrong. A new model version has new scores,
# so these numbers are made anew with it.
