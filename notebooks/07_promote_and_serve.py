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
# # From a run to production
#
# Training leaves a run in MLflow and a new version of the registered model, with the alias `challenger`. Production runs the alias
# `champion`. Between the two stands a **gate**, and behind it a Bento in which one version is frozen: what is deployed does not
# change when an alias moves. This notebook looks at each step and moves nothing.

# %%
import json
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

import seg_ml.training.research  # first of all: it keeps the imports below from talking of progress bars
from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.model import MailModel
from seg_ml.evaluation.gate import bounds_from, gate
from seg_ml.registry.flavor import EXAMPLE
from seg_ml.registry.promote import judge
from seg_ml.registry.register import alias_version
from seg_ml.registry.resolve import resolve
from seg_ml.registry.settings import CHALLENGER, CHAMPION
from seg_ml.registry.versions import version_info, versions
from seg_ml.training.params import Params
from seg_ml.training.research.project import enter_project
from seg_ml.training.research.service import built_bentos, service_url, verdicts_as_json
from seg_ml.training.research.versions import (
    check_table,
    frozen_table,
    inputs_table,
    lineage_table,
    plot_checks,
    plot_versions,
    run_table,
    version_table,
)

pd.set_option("display.max_colwidth", None)
project = enter_project()
params = Params.load()
run_table().round(4)

# %% [markdown]
# `make up` serves MLflow's own pages, where parameters, curves and model cards of these runs can be laid side by side; `seg-ml models diff`
# does so in a terminal.
#
# ## Versions and aliases
#
# A `+` behind a commit says that the tree had changes that were not committed: such a version cannot be made again from the commit alone.

# %%
known = versions()
version_table(known).round(4)

# %%
plot_versions(known, params["gate"]["recall"])

# %% [markdown]
# ## The gate, asked about the challenger
#
# Four questions: enough recall at the rate, probabilities that keep their word, fast enough, and no slice worse than the champion's
# by more than the margin. Each is answered even if one before it failed, so that a refusal names all there is to mend.

# %%
answer = judge(partial(gate, bounds=bounds_from(params["gate"])), CHALLENGER)
reigning = {None: "the bounds alone, there is no champion yet", answer.version: "the bounds alone, it is the champion already"}
print(f"{answer.name}/{answer.version} against {reigning.get(answer.replaced, f'{answer.name}/{answer.replaced}')}")
print("passed" if answer.passed else "refused")
check_table(answer.checks)

# %% [markdown]
# The same as a share of what is allowed: of the misses that the recall asked for leaves room for, of the calibration error, the time,
# the loss of a slice. Left of the line is a pass.

# %%
plot_checks(answer.checks)

# %% [markdown]
# `seg-ml promote` asks the same gate and moves the alias; `seg-ml promote --rollback` goes back to the champion before, without asking.
#
# ## Where a version comes from
#
# The champion's lineage, or the challenger's while there is no champion. Commit, parameters and hashes are enough to make it again: check
# out the commit, `dvc repro`.

# %%
alias = CHALLENGER if alias_version(CHAMPION) is None else CHAMPION
chosen = version_info(alias)
found = resolve(f"models:/{chosen.name}@{alias}", cache=Path(mkdtemp(prefix="models-")))
manifest = Manifest.read(found.path)
lineage_table(chosen, manifest).to_frame(alias)

# %%
inputs_table(chosen)

# %% [markdown]
# MLflow keeps hashes and labels of the messages that went in, no mail and no addresses.
#
# Parameters are frozen into the artifact. Where they differ from the `params.yaml` of this folder, an experiment is under way:

# %%
frozen, now = (pd.json_normalize(source).iloc[0] for source in (manifest.training["params"], params.data))
both = pd.DataFrame({"frozen": frozen.astype(str), "params.yaml": now.astype(str)}).fillna("–")
both[both["frozen"] != both["params.yaml"]]

# %% [markdown]
# ## What a Bento freezes
#
# `python -m serving.build` resolves the alias to a version **once** and copies the artifact and the code that scoring runs. The files,
# with the hashes that are compared before any of them is loaded; none of them is a pickle:

# %%
frozen_table(manifest)

# %% [markdown]
# Beside the files the manifest pins the code between bytes and features. A service whose signatures have other versions than those that
# the model was trained on refuses to start:

# %%
pd.Series(
    {
        "labels": ", ".join(manifest.labels),
        "labels without data": ", ".join(manifest.absent_labels),
        "transformer": manifest.precision,
        "code": ", ".join(f"{name} {version}" for name, version in manifest.code.items()),
        "features": ", ".join(f"{name} {version}" for name, version in manifest.features),
        "signatures": ", ".join(f"{name} {version}" for name, version in manifest.signatures),
    }
).to_frame("frozen")

# %%
pd.DataFrame(built_bentos(project), columns=["bento", "model version"])

# %% [markdown]
# (An empty table: none was built here yet.)
#
# ## Asking it
#
# A running service is asked if `SEG_SERVICE_URL` names one (`make up` prints where it listens); else the same version is loaded in this
# process. Either way the same JSON goes in and comes out, and the probability is the same.

# %%
url = service_url()
model = MailModel.load(found.path, found.model_version)
print(f"asked: {url or 'this process'}")
verdict = verdicts_as_json([EXAMPLE], model, url)[0]
print(json.dumps(verdict, indent=1, ensure_ascii=False))

# %%
here = verdicts_as_json([EXAMPLE], model)[0]
if here["model_version"] == verdict["model_version"]:
    differences = [abs(here["probabilities"][label] - verdict["probabilities"][label]) for label in here["probabilities"]]
    print(f"largest difference to this process: {max(differences):.1e}")
else:
    print(f"the service runs {verdict['model_version']}, the alias {alias} points at {here['model_version']}: build and start it anew")

# %% [markdown]
# What becomes of a message is not decided here: the gateway's policy reads the verdict, and its page (`docs/gateway.md`) says what the
# sender hears.
