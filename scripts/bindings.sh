#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches Linux's device tree bindings, of this machine's own Debian release, for the tests: build/bindings/*.yaml and below.
# The documents of the kernel have them; an installed package may have been told to leave documents out.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"
. "$root/scripts/debian.sh"

if fresh bindings "$0" "$root/scripts/debian.sh" && [ -d "$build/bindings" ]; then exit 0; fi
say "fetches Linux's device tree bindings"
debian_begin arm64
documents=$(debian_kernel linux-doc)        # as with a kernel, that of the moment
[ -n "$documents" ] || die "Debian has no package linux-doc"
logged bindings-download debian_download "$documents"
rm -rf "$build/bindings" "$apt/documents"
mkdir -p "$apt/documents"
logged unpack dpkg -x "$apt/debs/$documents"_*.deb "$apt/documents"
mv "$apt/documents/usr/share/doc/$documents/Documentation/devicetree/bindings" "$build/bindings"
find "$build/bindings" -name '*.yaml.gz' -exec gunzip -f {} +
debian_end
done_now
