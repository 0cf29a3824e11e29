#!/usr/bin/env bash
# What the tests start: Ray, from the lock file; PostgreSQL, Postfix's smtp-sink, ClamAV's daemon and bsdtar, and the mail
# and files that they read, from Debian's packages.
set -euo pipefail
cd "$(dirname "$0")/.."
python -c 'import ray' 2>/dev/null || pip install --quiet --disable-pip-version-check --no-deps "$(grep '^ray==' requirements.lock)"
# RAR archives with passwords, which nothing free can write: those that the library's own source is tested with.
files="$(python -c 'import sys; print(sys.prefix)')/share/rarfile"
ls "$files"/rarfile-*.tar.gz >/dev/null 2>&1 || {
  pip download --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-binary :all: \
    --dest "$files" "$(grep '^rarfile==' requirements.lock)"
}
missing=()
ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || missing+=(postgresql)
[ -x /usr/sbin/smtp-sink ] || command -v smtp-sink >/dev/null || missing+=(postfix)
[ -x /usr/sbin/clamd ] || missing+=(clamav-daemon)
command -v bsdtar >/dev/null || missing+=(libarchive-tools)
command -v unar >/dev/null || missing+=(unar)
[ -d /usr/share/clamav-testfiles ] || missing+=(clamav-testfiles)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  sudo=$(command -v sudo) || { echo "tests need: apt-get install ${missing[*]}" >&2; exit 1; }
fi
echo "tests: installing ${missing[*]}"
${sudo:-} apt-get update -qq
${sudo:-} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
