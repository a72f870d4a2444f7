#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# initrd.sh PROGRAM INITRD: packs one program as /init, with the same bytes each time.
set -eu
out=$(realpath "$2")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
mkdir "$tree/dev"
install -m 755 "$1" "$tree/init"
find "$tree" -exec touch -h -d @0 {} +
cd "$tree"
find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --reproducible --quiet >"$out"
