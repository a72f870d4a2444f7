#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches arm64 packages of this machine's own Debian release (debian.sh) and unpacks them:
#   build/sysroot        libraries to link, programs for the Linux guest
#   build/guests/linux*  kernels, and the modules that the initrd has
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"
. "$root/scripts/debian.sh"

links='libfdt-dev libgsm1-dev zlib1g-dev'   # static archives and headers
programs='busybox-static stress-ng rt-tests'
libraries='stress-ng libnuma1'              # these and all that they depend on; of rt-tests we use cyclictest alone
kernels='linux-image-arm64 linux-image-rt-arm64'
modules='sbsa_gwdt gpio_keys evdev'         # drivers of the watchdog that a VM may have, and of its power key

if fresh sysroot "$0" "$root/scripts/debian.sh" && [ -e "$build/guests/linux/Image" ]; then exit 0; fi
say "fetches arm64 packages (kernels, busybox, stress-ng, rt-tests, libfdt, libgsm)"

debian_begin arm64
images=$(for k in $kernels; do debian_kernel "$k"; done)
# shellcheck disable=SC2086 # lists of words, here and below
closure=$(apt_get -s --no-install-recommends install $libraries | awk '$1 == "Inst" { print $2 }')

rm -rf "$build/sysroot" "$build/guests/linux" "$build/guests/linux-rt"
logged arm64-download debian_download $links $programs $closure $images

mkdir -p "$build/sysroot"
for deb in "$apt"/debs/*.deb; do
    say_line=$(basename "$deb")
    case $say_line in linux-image-*) continue ;; esac
    logged unpack dpkg -x "$deb" "$build/sysroot"
done

# The kernel: an arm64 Image, gzipped in some releases (the boot protocol's magic is at byte 56).
for image in $images; do
    case $image in *-rt-*) name=linux-rt ;; *) name=linux ;; esac
    out=$build/guests/$name
    mkdir -p "$out/tree"
    logged unpack dpkg -x "$apt/debs/${image}"_*.deb "$out/tree"
    dpkg-deb -f "$apt/debs/${image}"_*.deb Version >"$out/version"
    cp "$out"/tree/boot/vmlinuz-* "$out/Image"
    if gzip -t "$out/Image" 2>/dev/null; then
        mv "$out/Image" "$out/Image.gz" && gunzip "$out/Image.gz"
    fi
    [ "$(dd if="$out/Image" bs=1 skip=56 count=4 2>/dev/null)" = ARMd ] || die "$image holds no arm64 Image"
    for module in $modules; do      # compressed in some releases
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
done
debian_end
done_now
