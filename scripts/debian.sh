# SPDX-License-Identifier: Apache-2.0
# Sourced after common.sh by the steps that fetch packages of this machine's own Debian release for another architecture, by
# an apt state of the project's own in build/apt: the machine's architectures, lists and packages stay as they are.
# shellcheck shell=sh

# debian_begin ARCHITECTURE: learns of its packages.
debian_begin() {
    arch=$1
    apt=$build/apt
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"

    # The machine's own sources, as apt itself reads them. Only what Debian's keys have signed is used: one of somebody
    # else's that looks like Debian's fails its signature in our update, and is left out by that.
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    apt-get indextargets --no-release-info --format '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
        awk -v r="$release" -v arch="$arch" -v key=/usr/share/keyrings/debian-archive-keyring.gpg '
            $1 == "Packages" && ($3 == r || $3 == r "-updates" || $3 == r "-security") && $4 == "main" {
                print "deb [arch=" arch " signed-by=" key "]", $2, $3, $4
            }' | sort -u >"$apt/sources.list"
    [ -s "$apt/sources.list" ] || die "no Debian source of $release in this machine's apt configuration"

    apt_get update >"$build/log/$arch-update.log" 2>&1 || true
    run_apt apt-cache show libc6 >/dev/null 2>&1 || {
        cat "$build/log/$arch-update.log" >&2
        die "cannot fetch Debian's list of $arch packages"
    }
}

run_apt() {
    program=$1; shift
    "$program" -q -oAPT::Architecture="$arch" -oAPT::Architectures="$arch" -oAPT::Sandbox::User=root \
        -oAcquire::Languages=none -oDir::Etc::sourcelist="$apt/sources.list" -oDir::Etc::sourceparts=/dev/null \
        -oDir::State::Lists="$apt/lists" -oDir::State::status=/dev/null -oDir::Cache="$apt/cache" "$@"
}
apt_get() { run_apt apt-get "$@"; }

# Into $apt/debs.
debian_download() { (cd "$apt/debs" && apt_get download "$@"); }

# A kernel's package of the moment is what the metapackage depends on.
debian_kernel() { run_apt apt-cache depends --important "$1" | awk '$1 == "Depends:" { print $2; exit }'; }

debian_end() { rm -rf "$apt"; }     # what was downloaded
