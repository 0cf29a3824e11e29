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
# # What the signatures look at, and what they hit
#
# A signature reads one message and reports what an analyst would point at: a finding with its severity and its evidence. It
# decides nothing. The fused model weighs findings like any other feature, the gateway's policy reads them too, and where the
# model cannot be asked they alone speak.
#
# Three questions: what is looked for, how does a finding come about, and on which mail does each signature fire?

# %%
import pandas as pd

from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine
from seg_ml.signatures.report import scan_report
from seg_ml.training.development import development
from seg_ml.training.params import Params
from seg_ml.training.research.project import enter_project, row_limit, sampled_rows, subset
from seg_ml.training.research.signatures import (
    corpus_hits,
    hit_rates,
    lift_table,
    plot_counts,
    plot_coverage,
    plot_lift,
    plot_running_times,
    plot_watch_list,
    running_times,
    signature_table,
    watch_list,
)
from seg_ml.training.research.verdicts import finding_table

pd.set_option("display.max_colwidth", None, "display.max_rows", 100)
enter_project()
params = Params.load()
chosen = params["signatures"]
known = signature_table(chosen)
print(f"{len(known)} signatures, {int(known['in_vector'].sum())} of them in the vector that the model learns from")

# %% [markdown]
# ## What is looked for
#
# `attack` is a technique of MITRE ATT&CK; a signature that speaks *for* a message has none. `in_vector` says whether `params.yaml` names
# it: one that is not there is known to `seg-ml scan` and to the fallback, and changes no trained vector.

# %%
known

# %%
plot_coverage(known)

# %% [markdown]
# ## One message, step by step
#
# A letter that pretends. First the bytes become a `Message`; malformed parts of it become defects, never exceptions.

# %%
raw = b"""From: "PayPal Security" <service@mail-example.org>
To: bob@example.net
Reply-To: <verify@example.com>
Subject: Your account is limited
Message-ID: <a1b2@mail-example.org>
Date: Fri, 17 May 2024 02:00:00 +0000
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><p>Dear customer, verify your password within 24 hours or your account will be closed.</p>
<a href="http://198.51.100.9/paypal/login">https://www.paypal.com/signin</a>
<div style="display:none">library meeting agenda minutes compiler</div>
<form action="http://198.51.100.9/collect"><input type="password" name="p"></form></body></html>
""".replace(b"\n", b"\r\n")
request = ScoreRequest(
    raw,
    Envelope(client_ip="192.0.2.10", helo="mail-example.org", reverse_path="service@mail-example.org"),
    AuthenticationResults(spf="fail", spf_domain="mail-example.org", dkim="none", dmarc="fail"),
)
message = parse(raw)
pd.Series(
    {
        "author": f"{message.author.display_name} | {message.author.addr_spec}",
        "visible text": message.text.strip(),
        "hidden text": message.hidden_text.strip(),
        "links": "; ".join(f"{link.text or link.kind} → {link.target}" for link in message.links),
        "defects": ", ".join(defect.code for defect in message.defects) or "none",
    }
).to_frame("seen by the parser")

# %% [markdown]
# Then who it claims to be, and what of that is proven:

# %%
engine = SignatureEngine.from_ids(chosen)
report = scan_report("letter", request, engine)
pd.Series(
    {
        "brands claimed": ", ".join(report.identity.brands) or "none",
        "domains proven": ", ".join(report.identity.proven) or "none",
        "author proven": report.identity.aligned,
    }
).to_frame("identity")

# %% [markdown]
# And the findings, the gravest first. A detector that fails leaves a finding `signature-error` and stops nobody.

# %%
finding_table(report.findings)

# %%
plot_running_times(running_times(engine, request, message))

# %% [markdown]
# ## On which mail each one fires
#
# Over the development messages: what is held out for the test stays unseen, so that no signature is mended after it.

# %%
data = development()
data = subset(data, sampled_rows(data, row_limit(50_000), params.seed))
found = data.frame[["sha256", "corpus", "kind", "label", "cluster", "findings"]]
found.groupby(["corpus", "kind", "label"])["cluster"].agg(messages="size", campaigns="nunique")

# %%
rates = hit_rates(found, chosen)
silent = list(rates.index[(rates == 0).all(axis=1)])
print(f"{len(silent)} of {len(chosen)} never fire here: {', '.join(silent)}")
rates.drop(index=silent).sort_values(list(rates.columns)[-1], ascending=False).style.format("{:.2%}").background_gradient(
    cmap="Blues", axis=None, vmin=0, vmax=0.3
)

# %% [markdown]
# The same by corpus. Where the stage `signatures` has run (`dvc repro signatures`), its table covers every corpus at hand, also
# those that no model learns from; else it is that of the messages above.

# %%
corpus_hits(found).style.format("{:.2%}").background_gradient(cmap="Blues", axis=None, vmin=0, vmax=0.3)

# %% [markdown]
# Silence is no fault: the corpora in use may hold no such attack (a PDF with an action, a calendar invitation). It does mean that
# **the model cannot have learned what such a finding is worth**; there only the policy reads it.
#
# ## How much a finding says
#
# The lift is how much oftener unwanted mail is hit than wanted mail. Intervals come from resampling whole campaigns: a
# hundred copies of one letter are one piece of evidence. An interval that holds 1 says that it may be chance; a line that runs to
# the edge, that one side was never hit and the lift may be as large (or small) as you like.

# %%
lifts = lift_table(found, chosen, seed=params.seed)
plot_lift(lifts)

# %%
lifts.round(4)

# %% [markdown]
# A lift under 1 is welcome where a finding speaks for a message, such as a proven identity. Elsewhere it is a warning that
# this corpus and the threat that the signature is for have little to do with each other.
#
# ## The watch list
#
# Wanted mail with findings: what would happen if a policy acted on a finding alone. The graver a signature takes itself, the
# further to the left its dot must be.

# %%
watched = watch_list(found, chosen)
plot_watch_list(watched)

# %%
watched.round(4)

# %% [markdown]
# ## Together
#
# One finding seldom settles anything; several on one message are another matter. That many unwanted messages have none at all
# is why a model of the text stands beside them.

# %%
plot_counts(found, chosen)
