#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs Meson where that is needed, and Ninja: compile.sh run|test
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"

obj=$build/obj
if ! [ -e "$obj/build.ninja" ]; then
    say "sets up the build"
    logged meson meson setup "$obj" "$root" --cross-file "$root/cross/aarch64.ini" -Dtests=false
fi
if [ "$1" = test ] && ! [ -e "$obj/tests.stamp" ]; then     # from then on they are built each time
    logged meson meson setup --reconfigure "$obj" -Dtests=true
    touch "$obj/tests.stamp"
fi
logged ninja ninja -C "$obj"
