#!/usr/bin/env bash
# A virtual environment with everything in the lock file. Usage: deploy/setup.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

python=${PYTHON:-}
if [ -z "$python" ]; then
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
fi
[ -n "$python" ] || fail "Python 3.11 or later is needed: apt-get install python3 python3-venv, or set PYTHON"

if [ ! -x "$venv/bin/pip" ]; then
  echo "setup: virtual environment in $venv ($("$python" --version))"
  "$python" -m venv "$venv" || fail "no virtual environment: apt-get install python3-venv"
fi

# Ray, for more than one machine, is a quarter of a gigabyte: `pip install --no-deps ray==VERSION` where it is wanted.
grep -v '^ray==' requirements.lock > "$venv/requirements.txt"
echo "setup: installing $(grep -c '==' "$venv/requirements.txt") locked packages, two to four minutes"
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$venv/requirements.txt" 2> >(grep -v '^WARNING: Location' >&2)
# A CUDA build of torch, which pip finds where no CPU build is offered, wants its libraries too.
"$venv/bin/python" -c 'import torch' 2>/dev/null \
  || "$venv/bin/pip" install --quiet --disable-pip-version-check 'torch==2.13.0' 2> >(grep -v '^WARNING: Location' >&2)
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2> >(grep -v '^WARNING: Location' >&2)
echo "setup: ready"
