#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches arm64 packages of this machine's own Debian release, and a few armhf ones, and unpacks them:
#   build/sysroot        libraries to link, programs for the Linux guests; build/sysroot-armhf: of those in AArch32
#   build/guests/linux*  kernels, and the modules that the initrds have
# by apt states of our own in build/apt: the machine's architectures, lists and packages stay as they are.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"

links='libfdt-dev libgsm1-dev zlib1g-dev'   # static archives and headers
programs='busybox-static stress-ng rt-tests'
libraries='stress-ng libnuma1'              # these and all that they depend on; of rt-tests we use cyclictest alone
kernels='linux-image-arm64 linux-image-rt-arm64'
modules='sbsa_gwdt gpio_keys evdev'         # drivers of the watchdog that a VM may have, and of its power key
programs_armhf='busybox-static'
kernels_armhf='linux-image-armmp'
modules_armhf='evdev'                       # the power key's is part of that kernel, which has none for the watchdog

if fresh sysroot "$0" && [ -e "$build/guests/linux/Image" ] && [ -e "$build/guests/linux-armhf/zImage" ]; then exit 0; fi
say "fetches arm64 and armhf packages (kernels, busybox, stress-ng, rt-tests, libfdt, libgsm)"

# The machine's own sources, as apt itself reads them. Only what Debian's keys have signed is used: one of somebody
# else's that looks like Debian's fails its signature in our update, and is left out by that.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")

# From here on what is fetched is of that architecture: use ARCHITECTURE A-PACKAGE-THAT-IT-HAS
use() {
    arch=$1
    apt=$build/apt/$arch
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
    apt-get indextargets --no-release-info --format '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
        awk -v r="$release" -v arch="$arch" -v key=/usr/share/keyrings/debian-archive-keyring.gpg '
            $1 == "Packages" && ($3 == r || $3 == r "-updates" || $3 == r "-security") && $4 == "main" {
                print "deb [arch=" arch " signed-by=" key "]", $2, $3, $4
            }' | sort -u >"$apt/sources.list"
    [ -s "$apt/sources.list" ] || die "no Debian source of $release in this machine's apt configuration"
    apt_get update >"$build/log/$arch-update.log" 2>&1 || true
    run_apt apt-cache show "$2" >/dev/null 2>&1 || {
        cat "$build/log/$arch-update.log" >&2
        die "cannot fetch Debian's list of $arch packages"
    }
}

apt_get() { run_apt apt-get "$@"; }
run_apt() {
    program=$1; shift
    "$program" -q -oAPT::Architecture="$arch" -oAPT::Architectures="$arch" -oAPT::Sandbox::User=root \
        -oAcquire::Languages=none \
        -oDir::Etc::sourcelist="$apt/sources.list" -oDir::Etc::sourceparts=/dev/null \
        -oDir::State::Lists="$apt/lists" -oDir::State::status=/dev/null -oDir::Cache="$apt/cache" "$@"
}
download() { (cd "$apt/debs" && apt_get download "$@"); }

# A kernel's package of the moment is what the metapackage depends on.
image_of() { run_apt apt-cache depends --important "$1" | awk '$1 == "Depends:" { print $2; exit }'; }

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

use arm64 linux-image-arm64
images=$(for k in $kernels; do image_of "$k"; done)
# shellcheck disable=SC2086 # lists of words, here and below
closure=$(apt_get -s --no-install-recommends install $libraries | awk '$1 == "Inst" { print $2 }')
logged arm64-download download $links $programs $closure $images
unpack_programs "$build/sysroot"
for image in $images; do                    # an arm64 Image, gzipped in some releases
    case $image in *-rt-*) out=$build/guests/linux-rt ;; *) out=$build/guests/linux ;; esac
    unpack_kernel "$image" "$out" Image $modules
    if gzip -t "$out/Image" 2>/dev/null; then
        mv "$out/Image" "$out/Image.gz" && gunzip "$out/Image.gz"
    fi
    has_magic "$out/Image" 56 644d5241 || die "$image holds no arm64 Image"
done

use armhf linux-image-armmp
image=$(image_of $kernels_armhf)
logged armhf-download download $programs_armhf "$image"
unpack_programs "$build/sysroot-armhf"
unpack_kernel "$image" "$build/guests/linux-armhf" zImage $modules_armhf
has_magic "$build/guests/linux-armhf/zImage" 36 016f2818 || die "$image holds no zImage"
rm -rf "$build/apt"     # what was downloaded
done_now
