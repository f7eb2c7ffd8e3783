# SPDX-License-Identifier: BSD-3-Clause
# Hugepages for the tests that need them (attach, memif, vhost), given back afterwards. Sourced.
#
#   reserve_hugepages COUNT   COUNT more 2-MiB pages and a hugetlbfs of our own, named in MGM_HUGE_DIR.
#                             Where that is impossible: says why and leaves MGM_HUGE_DIR empty, and
#                             the tests that need it are skipped with that reason.
#   release_hugepages         undoes it

export MGM_HUGE_DIR=
hugepages_count=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
hugepages_added=0

# Adds to the count instead of setting it: another run on this machine keeps what it reserved.
change_hugepages() {
    (
        flock 9
        echo $(($(cat "$hugepages_count") + $1)) >"$hugepages_count"
    ) 9<"$hugepages_count" 2>/dev/null
}

no_hugepages() {
    echo "NO HUGEPAGES: $*; tests that need them (attach, memif, vhost) will be skipped"
    release_hugepages
    export MGM_HUGE_DIR=
}

reserve_hugepages() {
    local before
    [ "$(id -u)" -eq 0 ] || { no_hugepages "only root can reserve them"; return 0; }
    [ -w "$hugepages_count" ] || { no_hugepages "$hugepages_count is not writable"; return 0; }
    before=$(cat "$hugepages_count")
    change_hugepages "$1" || { no_hugepages "the kernel refused $1 more"; return 0; }
    hugepages_added=$(($(cat "$hugepages_count") - before))
    [ "$hugepages_added" -ge "$1" ] || {
        no_hugepages "memory for $hugepages_added of $1 only"
        return 0
    }
    MGM_HUGE_DIR=$(mktemp -d /tmp/mgm-huge.XXXXXX)
    mount -t hugetlbfs -o pagesize=2M nodev "$MGM_HUGE_DIR" 2>/dev/null || {
        rmdir "$MGM_HUGE_DIR"
        MGM_HUGE_DIR=
        no_hugepages "hugetlbfs cannot be mounted here"
        return 0
    }
    export MGM_HUGE_DIR
    echo "== reserved $1 hugepages at $MGM_HUGE_DIR for the tests; given back at the end"
}

release_hugepages() {
    if [ -n "$MGM_HUGE_DIR" ]; then
        umount "$MGM_HUGE_DIR" && rmdir "$MGM_HUGE_DIR"
        MGM_HUGE_DIR=
    fi
    [ "$hugepages_added" -le 0 ] || change_hugepages "-$hugepages_added"
    hugepages_added=0
}
