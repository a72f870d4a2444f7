#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches Debian packages that are tried as guests, and unpacks them: images.sh ARCHITECTURE PACKAGE...
#   build/images/ARCHITECTURE/PACKAGE          what is in it
#   build/images/ARCHITECTURE/PACKAGE.version  of which version
# What is there already is left as it is. Several may run at once. A kernel's metapackage stands for the kernel.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"
. "$root/scripts/debian.sh"

begin_build
to=$build/images/$1; shift
mkdir -p "$to"
exec 9>"$build/images/lock"
flock 9                         # others fetch at the same time, and with one list of packages
missing=
for p in "$@"; do
    [ -e "$to/$p.version" ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
say "fetches $(basename "$to") packages:$missing"
debian_begin "$(basename "$to")"
for p in $missing; do
    case $p in linux-image-*) name=$(debian_kernel "$p") ;; *) name=$p ;; esac
    [ -n "$name" ] || die "Debian has no package $p for $arch"
    logged images-download debian_download "$name"
    rm -rf "${to:?}/$p"
    mkdir -p "$to/$p"
    logged unpack dpkg -x "$apt/debs/$name"_*.deb "$to/$p"
    dpkg-deb -f "$apt/debs/$name"_*.deb Version >"$to/$p.version"
done
debian_end
