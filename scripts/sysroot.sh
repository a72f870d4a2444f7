#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches arm64 packages of this machine's own Debian release and unpacks them:
#   build/sysroot        libraries to link, programs for the Linux guest
#   build/guests/linux*  kernels, and the modules that the initrd has
# by an apt state of our own in build/apt: the machine's architectures, lists and packages stay as they are.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"

links='libfdt-dev libgsm1-dev zlib1g-dev'   # static archives and headers
programs='busybox-static stress-ng rt-tests'
libraries='stress-ng libnuma1'              # these and all that they depend on; of rt-tests we use cyclictest alone
kernels='linux-image-arm64 linux-image-rt-arm64'
modules='sbsa_gwdt gpio_keys evdev'         # drivers of the watchdog that a VM may have, and of its power key

if fresh sysroot "$0" && [ -e "$build/guests/linux/Image" ]; then exit 0; fi
say "fetches arm64 packages (kernels, busybox, stress-ng, rt-tests, libfdt, libgsm)"

apt=$build/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"

# The machine's own sources, as apt itself reads them. Only what Debian's keys have signed is used: one of somebody
# else's that looks like Debian's fails its signature in our update, and is left out by that.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
apt-get indextargets --no-release-info --format '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
    awk -v r="$release" -v key=/usr/share/keyrings/debian-archive-keyring.gpg '
        $1 == "Packages" && ($3 == r || $3 == r "-updates" || $3 == r "-security") && $4 == "main" {
            print "deb [arch=arm64 signed-by=" key "]", $2, $3, $4
        }' | sort -u >"$apt/sources.list"
[ -s "$apt/sources.list" ] || die "no Debian source of $release in this machine's apt configuration"

apt_get() { run_apt apt-get "$@"; }
run_apt() {
    program=$1; shift
    "$program" -q -oAPT::Architecture=arm64 -oAPT::Architectures=arm64 -oAPT::Sandbox::User=root -oAcquire::Languages=none \
        -oDir::Etc::sourcelist="$apt/sources.list" -oDir::Etc::sourceparts=/dev/null \
        -oDir::State::Lists="$apt/lists" -oDir::State::status=/dev/null -oDir::Cache="$apt/cache" "$@"
}
download() { (cd "$apt/debs" && apt_get download "$@"); }

apt_get update >"$build/log/arm64-update.log" 2>&1 || true
run_apt apt-cache show linux-image-arm64 >/dev/null 2>&1 || {
    cat "$build/log/arm64-update.log" >&2
    die "cannot fetch Debian's list of arm64 packages"
}

# A kernel's package of the moment is what the metapackage depends on.
image_of() { run_apt apt-cache depends --important "$1" | awk '$1 == "Depends:" { print $2; exit }'; }
images=$(for k in $kernels; do image_of "$k"; done)
# shellcheck disable=SC2086 # lists of words, here and below
closure=$(apt_get -s --no-install-recommends install $libraries | awk '$1 == "Inst" { print $2 }')

rm -rf "$apt/debs" "$build/sysroot" "$build/guests/linux" "$build/guests/linux-rt"
mkdir -p "$apt/debs"
logged arm64-download download $links $programs $closure $images

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
rm -rf "$apt"       # what was downloaded
done_now
