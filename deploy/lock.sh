#!/usr/bin/env bash
# Resolve every extra into one lock file. Needs uv on the PATH (or UV=path).
#
#   UV_FIND_LINKS=/path/to/wheels deploy/lock.sh
#
# CUDA's own wheels are left out: with `pip install --no-deps -r requirements.lock` a CPU build of torch
# needs none of them, and `deploy/setup.sh` asks pip for them where the CUDA build is what it finds.
set -euo pipefail
cd "$(dirname "$0")/.."
"${UV:-uv}" pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
  --no-annotate --quiet --output-file requirements.lock
sed -i -E '/^(nvidia-(cu|nccl|nv[jst])|triton|cuda-)/d; /^torch==/d' requirements.lock
echo 'torch==2.13.0' >> requirements.lock
