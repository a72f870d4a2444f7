#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that are missing: packages.sh run|test
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"

wanted() { awk -v all="$1" '$1 == "run" || $1 == all { print $2 }' "$root/scripts/packages.txt"; }
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=
for p in $(wanted "$1"); do
    installed "$p" || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

command -v apt-get >/dev/null || die "these Debian packages are missing, and there is no apt-get to install them:$missing"
say "installs from Debian:"
for p in $missing; do
    awk -v p="$p" '$2 == p { w = $3; for (i = 4; i <= NF; i++) w = w " " $i; printf "  %-22s %s\n", p, w }' \
        "$root/scripts/packages.txt" >&2
done
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "no sudo here: as root, run  apt-get install --no-install-recommends$missing"
    sudo='sudo'
    $sudo true  # asks for the password, if need be, before the progress line
fi
export DEBIAN_FRONTEND=noninteractive
logged apt-update $sudo apt-get -q update
# shellcheck disable=SC2086 # a list of words
logged apt-install $sudo apt-get -q -y -oDpkg::Use-Pty=0 --no-install-recommends install $missing
