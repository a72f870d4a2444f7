# SPDX-License-Identifier: Apache-2.0
# Sourced by ./belay and by the steps in scripts/: words, progress, stamps.
# $root is the top of the checkout.
build=$root/build

say() { printf 'belay: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Where the steps keep their logs and stamps. Not being able to write there is said before anything else is tried.
begin_build() {
    for folder in "$build/log" "$build/stamp"; do
        mkdir -p "$folder" 2>/dev/null || true
        if ! [ -d "$folder" ] || ! [ -w "$folder" ]; then die "cannot write in $folder; build as who owns it, or in a copy"; fi
    done
}

# Runs a command with its output in build/log/NAME.log. A terminal sees its last line as it goes on; a failure shows the end.
logged() {
    log=$build/log/$1.log; shift
    (: >"$log") 2>/dev/null || die "cannot write $log"
    if [ -t 2 ]; then
        { "$@" 2>&1; echo $? >"$log.rc"; } | tee "$log" |
            awk -v w="$(tput cols 2>/dev/null || echo 80)" '{ printf "\r\033[K  %s", substr($0, 1, w - 3) > "/dev/stderr" }'
        printf '\r\033[K' >&2
        rc=$(cat "$log.rc"); rm -f "$log.rc"
    else
        rc=0; "$@" >"$log" 2>&1 || rc=$?
    fi
    [ "$rc" -eq 0 ] && return
    tail -n 20 "$log" >&2
    die "failed: $* (all of its output: $log)"
}

# A step is done while its stamp holds the checksum of what it is made from.
# fresh NAME FILE...: is the stamp of NAME that of these files?
fresh() {
    stamp=$build/stamp/$1; shift
    key=$(cat "$@" | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]
}
done_now() { echo "$key" >"$stamp"; }
