#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs Meson where that is needed, and Ninja: compile.sh run|test|assert
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"

# A machine of which the nucleus checks its own invariants.
if [ "$1" = assert ]; then
    obj=$build/assert
    if ! [ -e "$obj/build.ninja" ]; then
        logged meson-assert meson setup "$obj" "$root" --cross-file "$root/cross/aarch64.ini" -Dtests=false -Dassert=true
    fi
    set -- nucleus/belay.img
    for service in "$root"/services/*/meson.build; do
        name=$(basename "$(dirname "$service")")
        set -- "$@" "services/$name/$name.svc"
    done
    logged ninja-assert ninja -C "$obj" "$@"
    exit
fi

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
