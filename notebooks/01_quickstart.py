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
# # A message in, a verdict out
#
# The shortest way from an e-mail to a verdict, and how to read what comes back. The model is the **champion** of the registry,
# the one that production runs; before anything was promoted it is what the pipeline left in `data/artifact`. Both are
# folders of ONNX, safetensors and JSON, checked by hash before they are loaded.
#
# Everything is read from the project's folder: the first one upwards that holds a `params.yaml`, or `SEG_PROJECT`.

# %%
from dataclasses import replace

import pandas as pd

from seg_ml.corpora.requests import score_requests
from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.training.development import messages_with_split
from seg_ml.training.research.project import champion_or_artifact, enter_project, row_limit
from seg_ml.training.research.verdicts import (
    component_table,
    finding_table,
    plot_components,
    plot_words,
    verdict_table,
)

pd.set_option("display.max_colwidth", None)
enter_project()
model = champion_or_artifact()
facts = model.manifest.training
pd.Series(
    {
        "model": model.model_version,
        "tells apart": ", ".join(model.labels),
        "never saw any": ", ".join(model.manifest.absent_labels),
        "learned from": f"{facts['messages']:,} messages of {', '.join(facts['corpora'])}",
        "looks with": f"{len(model.manifest.signatures)} signatures, {len(model.manifest.features)} feature blocks, "
        f"{len(model.manifest.linear)} linear models over words, a transformer in {model.manifest.precision}",
        "commit": facts["git_commit"][:10],
    }
).to_frame("")

# %% [markdown]
# ## A handful of mail
#
# A request is the raw message as it came over the wire, and what is known of the session that brought it: here a
# client, an envelope and, where we say so, the results of SPF, DKIM and DMARC. What is not known stays unknown.

# %%
session = Envelope(client_ip="192.0.2.10", helo="mail.example.org", reverse_path="sender@example.org")
letters = {
    "lunch": b"""From: Ann Baker <ann@example.org>
To: bob@example.net
Subject: Re: Lunch on Thursday
Message-ID: <20240513.101@example.org>
In-Reply-To: <20240513.77@example.net>
Date: Mon, 13 May 2024 10:12:00 +0200

Hi Bob,

Thursday works for me, half past twelve at the usual place? I will bring the minutes of the
last meeting, we never finished the part about the build machine.

Ann
""",
    "patch": b"""From: Carl Dunn <carl@example.org>
To: developers@example.net
Subject: [PATCH] parser: stop at the end of the header block
Message-ID: <20240514.9@example.org>
Date: Tue, 14 May 2024 08:40:00 +0000

The loop read one line too far when a message had no body. This fixes it and adds a test.
Reported by Eve; I could reproduce it with the attached sample on two machines.
""",
    "newsletter": b"""From: Garden Weekly <news@example.org>
To: bob@example.net
Subject: Ten plants for a shady balcony
List-Unsubscribe: <mailto:leave@example.org>
Message-ID: <20240515.500@example.org>
Date: Wed, 15 May 2024 06:00:00 +0000
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><h1>Ten plants for a shady balcony</h1><p>This week: ferns, hostas and what to do about snails.
<a href="https://example.org/week20">Read the issue</a></p><p>You get this letter because you subscribed.
<a href="https://example.org/leave">Unsubscribe</a></p></body></html>
""",
    "pills": b"""From: "Best Offers" <offers8812@example.org>
To: bob@example.net
Subject: CONGRATULATIONS!!! You have been selected, 90% off
Message-ID: <8812.77@example.org>
Date: Thu, 16 May 2024 03:11:00 +0000
MIME-Version: 1.0
Content-Type: text/html; charset=us-ascii

<html><body><center><font color=red size=6>AMAZING discount pills, GUARANTEED!!!</font><br>
Lose weight FAST, no prescription, money back. Click here to order now, limited offer:
<a href="http://198.51.100.7/order">CLICK HERE</a><br>
<span style="display:none">meeting agenda minutes library</span>
To be removed from our mailing list click <a href="http://198.51.100.7/remove">here</a></center></body></html>
""",
    "bank": b"""From: "PayPal Security" <service@example.org>
To: bob@example.net
Reply-To: <verify@example.com>
Subject: Your account is limited
Message-ID: <a1b2@example.org>
Date: Fri, 17 May 2024 02:00:00 +0000
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><body><p>Dear customer, we noticed unusual activity and limited your account. Verify your password within 24 hours
or it will be closed.</p><a href="http://198.51.100.9/paypal/login">https://www.paypal.com/signin</a></body></html>
""",
    "transfer": b"""From: "Dr. John Okoro" <johnokoro01@example.org>
To: undisclosed-recipients:;
Subject: URGENT BUSINESS PROPOSAL
Message-ID: <c3d4@example.org>
Date: Sat, 18 May 2024 01:00:00 +0000

Dear friend, I am the attorney of a late client who died with his family and left USD 18.5 million in our bank. I
seek a reliable foreign partner to receive the transfer as beneficiary. You will keep 30 percent. It is risk free and
strictly confidential. Send your full name, telephone and bank account.
""",
}
requests = {name: ScoreRequest(raw.replace(b"\n", b"\r\n"), session) for name, raw in letters.items()}
verdicts = dict(zip(requests, model.score(list(requests.values())), strict=True))
verdict_table(verdicts).style.format({"unwanted": "{:.1%}"})

# %% [markdown]
# Labels without data are absent from the model, so a phishing mail can only come out as one of those it knows. The findings
# stand beside the label for that reason: the gateway's policy reads both.
#
# ## Which part of the model says what
#
# Three voices are heard before the verdict: a linear model over words, a fine-tuned transformer, and the findings and numeric
# features, which have no probability of their own. The grey bar is what all of them come to together.

# %%
components = component_table(model, requests)
plot_components(components)

# %% [markdown]
# Where the markers lie far apart, the text alone would not have settled the matter.
#
# ## One verdict in full
#
# The sentence is what an analyst reads first:

# %%
most = max(verdicts, key=lambda name: verdicts[name].threat_probability)
print(f"{most}: {verdicts[most].explanation.sentence}")

# %%
plot_words(verdicts[most])

# %% [markdown]
# A prefix says where a word stood: `subject:`, `link:`, `sender:`, `form:` (content types and HTML), `program:` (how the
# sending program writes identifiers). Findings carry their evidence, quoted from the message and made printable:

# %%
finding_table(verdicts["bank"].findings)

# %% [markdown]
# ## What the session adds
#
# The bytes of the letter from the "bank" stay the same; what SPF, DKIM and DMARC found out about its sender changes. Unknown is not
# the same as `none`: a method that nobody evaluated says nothing.

# %%
results = {
    "nothing known": AuthenticationResults(),
    "no record, no signature": AuthenticationResults(spf="none", dkim="none", dmarc="none"),
    "all failed": AuthenticationResults(spf="fail", spf_domain="example.org", dkim="fail", dmarc="fail"),
    "sender proven": AuthenticationResults(
        spf="pass", spf_domain="example.org", dkim="pass", dkim_domains=("example.org",), dmarc="pass"
    ),
}
sessions = [replace(requests["bank"], authentication=result) for result in results.values()]
answers = dict(zip(results, model.score(sessions), strict=True))
verdict_table(answers).rename_axis("session").style.format({"unwanted": "{:.2%}"})

# %% [markdown]
# Old corpora know little of authentication, so a model trained on them learns little from it: findings change while the
# probability hardly moves. Policy reads both. That a sender is proven also proves only who wrote, not that the letter is welcome.
#
# ## Alone or among others
#
# A message's verdict must not depend on its neighbours. Dynamic int8 scales its activations over a whole batch and would make
# it depend on them, so every message goes through the graph by itself. The same mail in other company, and alone:

# %%
stored = messages_with_split()
held_out = stored[stored["split"] == "test"].head(row_limit(60))
crowd = [*requests.values(), *score_requests(held_out)]
together = pd.Series([verdict.threat_probability for verdict in model.score(crowd)])
backwards = pd.Series([verdict.threat_probability for verdict in model.score(crowd[::-1])][::-1])
alone = pd.Series([model.score([request])[0].threat_probability for request in crowd])
print(f"{len(crowd)} messages")
print(f"largest difference, alone and together:   {(alone - together).abs().max():.1e}")
print(f"largest difference, in the reverse order: {(backwards - together).abs().max():.1e}")

# %% [markdown]
# ## Next
#
# `02_corpora` shows the mail behind this, `03_signatures` what the detectors look at, `04_baseline` and `05_transformer` the two
# readers of text, `06_evaluation` how good it all is, and `07_promote_and_serve` how a version gets into production. On the
# command line the same verdicts come from `seg-ml score` and `seg-ml scan`.
