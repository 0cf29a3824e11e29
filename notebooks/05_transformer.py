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
# # A transformer reads the mail
#
# A small pretrained encoder already knows much of the language; fine-tuning teaches its upper layers what is unwanted. On
# two cores that has to be cheap: the lower layers stay as they are, so what they make of each message is computed **once** and
# kept, and an epoch costs only the layers that learn.
#
# Here on a small part of the mail, so that every cell runs in seconds. The pipeline does the same with all of it.

# %%
import pandas as pd
from tokenizers import Tokenizer

from seg_ml.models.backbone import Backbone, locate
from seg_ml.models.linear import LinearOptions
from seg_ml.text.subwords import Subwords
from seg_ml.training.development import development
from seg_ml.training.params import Params
from seg_ml.training.research.project import enter_project, row_limit, sampled_rows, subset
from seg_ml.training.research.text import fit_rows, recall_table, threat_score
from seg_ml.training.research.transformer import (
    backbone_facts,
    cached_states,
    embeddings,
    halves,
    plot_lengths,
    plot_maps,
    plot_parity,
    plot_training,
    precision_costs,
    precisions,
    training_curve,
    tuned_scores,
    untrained,
)

pd.set_option("display.max_colwidth", None)
enter_project()
params = Params.load()
section, rate = params["transformer"], params["evaluation"]["rate"]
folder = locate(Backbone(section["backbone"], section["sha256"]))
backbone_facts(folder, section["upper_layers"]).to_frame()

# %% [markdown]
# The weights' hash is compared with `params.yaml` before anything is loaded, wherever they come from.
#
# ## From text to subwords
#
# The text is what a recipient would read: subject, author's name, visible body; links, addresses, years and long numbers
# masked. The tokenizer cuts it into pieces that it knows:

# %%
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()
print(" ".join(tokenizer.encode("Limited offer\nBest Offers\nUnbelievable refinancing, click <url> today!").tokens))

# %%
data = development()
texts = data.frame["text"]
sampled = sampled_rows(data, row_limit(2_000), params.seed)
encodings = tokenizer.encode_batch([texts[row] for row in sampled], add_special_tokens=False)
lengths = pd.Series([len(encoding.ids) for encoding in encodings]).to_numpy()
plot_lengths(lengths, section["head"] + section["tail"])

# %% [markdown]
# What is cut is cut for speed: time grows with length. Links, attachments and hidden text beyond the cut are not lost, signatures
# and words read all of the message.
#
# ## What the lower layers leave
#
# Stage `encode` kept the hidden states of every development message, as 16-bit floats, read from disk as they are needed.

# %%
hidden = cached_states(len(data.target))
pd.Series(
    {
        "messages": f"{len(hidden.lengths):,}",
        "subwords": f"{len(hidden.flat):,}",
        "numbers a subword": f"{hidden.flat.shape[1]}",
        "on disk": f"{hidden.flat.nbytes / 1e6:,.0f} MB",
    }
).to_frame("hidden states")

# %% [markdown]
# ## Fine-tuning, a little
#
# Half of a sample is learned from, half held out, no campaign in both. Every point is a run of its own, because the learning rate
# rises and falls once over all steps of a run.

# %%
rows = sampled_rows(data, row_limit(500), params.seed)
learned, held_out = halves(data, rows, params.seed)
sides = {"learned from": learned, "held out": held_out}
curve, tuned = training_curve(folder, hidden, data, sides, params, [1, 2, 4])
plot_training(curve, rate)

# %%
curve.pivot(index="epochs", columns="side", values=["loss", "recall"]).round(4)

# %% [markdown]
# While the loss on what is held out falls with the other, it learns; once it rises, it remembers. With a few hundred messages the
# recall at so low a rate hangs on one or two wanted ones: read its direction, not its digits.
#
# ## Where messages lie
#
# Each message is one point in as many dimensions as the encoder is wide; the picture shows the two along which they differ
# most. Left with the pretrained layers, right with the tuned ones; none of these messages was learned from.

# %%
maps = {
    "as pretrained": embeddings(untrained(folder, section["upper_layers"]), hidden, held_out),
    "fine-tuned": embeddings(tuned, hidden, held_out),
}
plot_maps(maps, data.frame["label"].iloc[held_out].reset_index(drop=True))

# %% [markdown]
# What is told apart on the right is told apart by the text alone. Points on the wrong side are the ones that signatures and words
# must save.
#
# ## Two precisions
#
# Served is an ONNX graph, in int8 where that costs next to nothing: it is smaller, and faster. Does it say the same? On
# validation messages, one message at a time:

# %%
validation = ((data.frame["split"] == "validation").to_numpy() & data.genuine).nonzero()[0][: row_limit(120)]
subwords = Subwords(folder / "tokenizer.json", section["head"], section["tail"])
parity = precisions([texts[row] for row in validation], subwords)
plot_parity(parity, data.frame["label"].iloc[validation].reset_index(drop=True))

# %%
precision_costs(parity).round(1)

# %% [markdown]
# `export.parity` in `params.yaml` is the recall that int8 may cost before the pipeline exports fp32 instead. Activations are scaled over
# a whole batch, which is why messages are never batched on a CPU.
#
# ## Beside the baseline
#
# The same few messages to learn from, the same held out: what a dictionary makes of them. Mind the intervals: whether
# pretraining pays with so little mail is more than such a sample can say.

# %%
options = params.options(LinearOptions, "linear", next(iter(params["linear"].values())))
words = fit_rows(data, options, learned, params.seed)
scores = {
    "words": threat_score(words.logits([data.tokens[row] for row in held_out])),
    "transformer": tuned_scores(tuned, hidden, held_out),
}
recall_table(subset(data, held_out), scores, params["evaluation"]["rates"]).round(4)

# %% [markdown]
# Over all of the mail, and on the test side: `06_evaluation`.
