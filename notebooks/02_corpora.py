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
# # The mail that models learn from
#
# A mail classifier is easily fooled by its corpus: ham and spam were collected by other people, in other
# years, behind other filters, and whatever differs between the collections is learned as if it were the threat.
# This notebook shows what is there, how far it repeats itself, what gives a corpus away without a word being
# read, and how messages are divided so that a figure measured on the test side means something.
#
# It uses whatever has been fetched (`seg-ml corpora fetch`), the SpamAssassin corpus at least.

# %%
import tempfile
from pathlib import Path

import pandas as pd

from seg_ml.corpora.fetch import fetch, fetched
from seg_ml.corpora.leaks import leaks, sample
from seg_ml.corpora.overview import (
    by_year,
    cluster_sizes,
    fetched_files,
    inventory,
    known_facts,
    plot_by_year,
    plot_cluster_sizes,
    plot_known_facts,
    plot_leaks,
    split_shares,
)
from seg_ml.corpora.prepare import prepare
from seg_ml.corpora.schema import read_prepared
from seg_ml.corpora.shingles import jaccard, shingles, words
from seg_ml.corpora.split import read_splits, split
from seg_ml.mail.parse import parse
from seg_ml.training import paths
from seg_ml.training.research.project import enter_project

enter_project()
RAW, PREPARED = paths.RAW, paths.MESSAGES
SAMPLE = 150  # messages per corpus and label where a cell would else take long

# %% [markdown]
# ## What is there
#
# Each corpus is one Parquet file, checked against the hash that its card pins (`data/<id>.md`). What is there
# already is left alone, so this costs nothing the second time.

# %%
fetched_files(RAW) or fetch(["spamassassin"], RAW)
inventory(fetched(RAW))

# %% [markdown]
# `shippable` is about licences: a model that learned from mail "for research only" does not leave the house.
#
# ## Copies, and copies with another name in them
#
# Preparation drops exact copies, then near-copies: messages of one label whose runs of three words
# agree to nine tenths once numbers, links and addresses are masked. Of what is left, messages that agree to a half are
# one **campaign**.

# %%
workplace = Path(tempfile.mkdtemp(prefix="corpora-"))
messages_path = PREPARED if PREPARED.is_file() else workplace / "messages.parquet"
if not PREPARED.is_file():
    prepare(fetched_files(RAW), messages_path)
messages = read_prepared(messages_path)
pd.read_json(messages_path.with_suffix(".json"), typ="series").to_frame("messages")

# %% [markdown]
# What the comparison sees of two letters of one campaign, and how alike it finds them:

# %%
one = parse(b"Subject: Your order 4711\n\nDear Ann, pay 20 EUR at http://pay.example/a1 before Friday or lose it all")
two = parse(b"Subject: Your order 9\n\nDear Bob, pay 35 EUR at http://x7.example/b before Friday or lose it all")
print(" ".join(words(one)))
print(" ".join(words(two)))
print(f"Jaccard {jaccard(shingles(one), shingles(two)):.2f}")

# %%
plot_cluster_sizes(cluster_sizes(messages))

# %% [markdown]
# Spam repeats itself most. A random split would put letters of one campaign on both sides and measure memory.
#
# ## When it was sent

# %%
plot_by_year(by_year(messages))

# %% [markdown]
# Where one label comes from one year and the other from another, a calendar is a perfect classifier.
#
# ## Told apart without reading a word
#
# For each pair of corpus and label: how well do the **names** of header fields tell one from the other, as fetched and with
# the recipient's side removed; and how well does the **year**? Pairs of one label are in bold: between two kinds
# of ham there is no threat to find, so an AUC near 1 there is the corpus itself.

# %%
leak_table = leaks(sample(fetched_files(RAW), each=SAMPLE))
plot_leaks(leak_table)

# %%
leak_table.pivot_table(index=["left", "right", "same_label"], columns="seen_by", values="auc").round(3)

# %% [markdown]
# Removing the recipient's side helps and does not cure: a conversation has `In-Reply-To`, a mass mailing has none. So no
# model here reads the *set of header names*; it reads the text, the identities and what signatures find.
#
# ## What is known of the session
#
# SPF, DKIM and DMARC results, client and reverse-path are read from fields that the receiving site wrote, before those are
# removed. Unknown stays unknown.

# %%
plot_known_facts(known_facts(messages))

# %% [markdown]
# A column that is dark in one row and white in the next is a trap: "authenticated at all" would be learned as a
# label. Features may use a fact's value, never whether it is known.
#
# ## Two sides and a campaign on one of them
#
# 30 % of every corpus, kind and label are held out for the test and 15 % for validation; a whole campaign goes to
# one side, also where it spans corpora or labels.

# %%
split(messages_path, workplace / "splits.parquet")
splits = read_splits(workplace / "splits.parquet")
shares = split_shares(messages, splits)
shares.assign(test_share=(shares["test"] / shares.sum(axis=1)).round(3))

# %%
sides_per_cluster = splits.groupby("cluster")["split"].nunique()
print(f"{len(sides_per_cluster):,} clusters, {int((sides_per_cluster > 1).sum())} of them on more than one side")

# %% [markdown]
# By time instead, the latest of each corpus and label are held out: closer to production, where the campaign of
# tomorrow is the one that counts.

# %%
split(messages_path, workplace / "by_time.parquet", strategy="time")
dated = messages.merge(read_splits(workplace / "by_time.parquet")[["sha256", "split"]], on="sha256")
dated.groupby(["corpus", "label", "split"])["date"].agg(["min", "max", "count"])
