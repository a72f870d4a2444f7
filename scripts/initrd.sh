#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Packs the initrds of the Linux guests: busybox, stress-ng and cyclictest out of build/sysroot, modules of the kernels, and
# scripts/initrd. In that of AArch32 there is busybox alone.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/common.sh"

sysroot=$build/sysroot
out=$build/guests/linux/initrd.cpio.gz
out_armhf=$build/guests/linux-armhf/initrd.cpio.gz
if fresh initrd "$0" "$root"/scripts/initrd/* "$build/stamp/sysroot" && [ -e "$out" ] && [ -e "$out_armhf" ]; then exit 0; fi
say "packs the initrds of the Linux guests"

tree=$build/initrd
libs=lib/aarch64-linux-gnu

# busybox and what it does: begin BUSYBOX
begin() {
    rm -rf "$tree"
    mkdir -p "$tree/bin" "$tree/usr/bin" "$tree/etc" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/lib/modules"
    cp "$1" "$tree/bin/"
    ln -s busybox "$tree/bin/sh"
    ln -s bin/busybox "$tree/init"
    cp "$root/scripts/initrd/inittab" "$root/scripts/initrd/profile" "$tree/etc/"
    install -m 755 "$root/scripts/initrd/rc" "$tree/etc/rc"
    mkdir -p "$tree/etc/acpi/PWRF"                          # where busybox's acpid looks what a power key is to do
    install -m 755 "$root/scripts/initrd/power-key" "$tree/etc/acpi/PWRF/00000080"
}

# The same bytes each time: sorted names, no times, no owners.
pack() {
    find "$tree" -exec touch -h -d @0 {} +
    (cd "$tree" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -9n >"$1.part"
    mv "$1.part" "$1"
    rm -rf "$tree"
}

# A program and the libraries that it names, and those that they name.
needed() { aarch64-linux-gnu-objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }'; }
add_libraries() {
    for so in $(needed "$1"); do
        if [ -e "$tree/$libs/$so" ] || [ -e "$tree/lib/$so" ]; then continue; fi
        from=
        for dir in "$sysroot/$libs" "$sysroot/usr/$libs"; do
            if [ -e "$dir/$so" ]; then from=$dir/$so; fi
        done
        [ -n "$from" ] || die "no package in scripts/sysroot.sh has $so, which $1 needs"
        cp -L "$from" "$tree/$libs/"
        add_libraries "$tree/$libs/$so"
    done
}

begin "$sysroot/bin/busybox"
mkdir -p "$tree/$libs"
cp -L "$sysroot/lib/ld-linux-aarch64.so.1" "$tree/lib/"
for program in stress-ng cyclictest; do
    cp "$sysroot/usr/bin/$program" "$tree/usr/bin/"
    add_libraries "$sysroot/usr/bin/$program"
done
for kernel in linux linux-rt; do            # by the name of the kernel that each is for: one initrd serves both
    cp -r "$build/guests/$kernel"/modules/* "$tree/lib/modules/"
done
pack "$out"

begin "$build/sysroot-armhf/bin/busybox"
cp -r "$build"/guests/linux-armhf/modules/* "$tree/lib/modules/"
pack "$out_armhf"
done_now
