#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches arm64 packages of this machine's own Debian release (debian.sh), and a few armhf ones, and unpacks them:
#   build/sysroot        libraries to link, programs for the Linux guests; build/sysroot-armhf: of those in AArch32
#   build/guests/linux*  kernels, and the modules that the initrds have
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"
. "$root/scripts/debian.sh"

links='libfdt-dev libgsm1-dev zlib1g-dev'   # static archives and headers
programs='busybox-static stress-ng rt-tests'
libraries='stress-ng libnuma1'              # these and all that they depend on; of rt-tests we use cyclictest alone
kernels='linux-image-arm64 linux-image-rt-arm64'
modules='sbsa_gwdt gpio_keys evdev'         # drivers of the watchdog that a VM may have, and of its power key
programs_armhf='busybox-static'
kernels_armhf='linux-image-armmp'
modules_armhf='evdev'                       # the power key's is part of that kernel, which has none for the watchdog

if fresh sysroot "$0" "$root/scripts/debian.sh" && [ -e "$build/guests/linux/Image" ] &&
    [ -e "$build/guests/linux-armhf/zImage" ]; then exit 0; fi
say "fetches arm64 and armhf packages (kernels, busybox, stress-ng, rt-tests, libfdt, libgsm)"

# All but the kernels: unpack_programs FOLDER
unpack_programs() {
    rm -rf "$1"
    mkdir -p "$1"
    for deb in "$apt"/debs/*.deb; do
        case $(basename "$deb") in linux-image-*) continue ;; esac
        logged unpack dpkg -x "$deb" "$1"
    done
}

# A kernel and its modules, which are compressed in some releases: unpack_kernel PACKAGE FOLDER FILE MODULE...
unpack_kernel() {
    image=$1 out=$2 kernel=$2/$3; shift 3
    rm -rf "$out"
    mkdir -p "$out/tree"
    logged unpack dpkg -x "$apt/debs/${image}"_*.deb "$out/tree"
    dpkg-deb -f "$apt/debs/${image}"_*.deb Version >"$out/version"
    cp "$out"/tree/boot/vmlinuz-* "$kernel"
    for module in "$@"; do
        file=$(find "$out/tree" -name "$module.ko*")
        to=$out/modules/${image#linux-image-}
        mkdir -p "$to"
        case $file in
            *.ko) cp "$file" "$to/" ;;
            *.ko.xz) xz -dc "$file" >"$to/$module.ko" ;;
            *) die "$image has no module $module" ;;
        esac
    done
    rm -rf "$out/tree"
}

# The boot protocol's magic: has_magic FILE OFFSET HEX
has_magic() { [ "$(dd if="$1" bs=1 skip="$2" count=4 2>/dev/null | od -An -tx4 | tr -d ' ')" = "$3" ]; }

debian_begin arm64
images=$(for k in $kernels; do debian_kernel "$k"; done)
# shellcheck disable=SC2086 # lists of words, here and below
closure=$(apt_get -s --no-install-recommends install $libraries | awk '$1 == "Inst" { print $2 }')
logged arm64-download debian_download $links $programs $closure $images
unpack_programs "$build/sysroot"
for image in $images; do                    # an arm64 Image, gzipped in some releases
    case $image in *-rt-*) out=$build/guests/linux-rt ;; *) out=$build/guests/linux ;; esac
    unpack_kernel "$image" "$out" Image $modules
    if gzip -t "$out/Image" 2>/dev/null; then
        mv "$out/Image" "$out/Image.gz" && gunzip "$out/Image.gz"
    fi
    has_magic "$out/Image" 56 644d5241 || die "$image holds no arm64 Image"
done
debian_end

debian_begin armhf
image=$(debian_kernel $kernels_armhf)
logged armhf-download debian_download $programs_armhf "$image"
unpack_programs "$build/sysroot-armhf"
unpack_kernel "$image" "$build/guests/linux-armhf" zImage $modules_armhf
has_magic "$build/guests/linux-armhf/zImage" 36 016f2818 || die "$image holds no zImage"
debian_end
done_now
