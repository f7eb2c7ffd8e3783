#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# apps/quickstart.sh shows what it promises, twice in a row, and leaves nothing behind. Speaks TAP.
set -uo pipefail
cd "$(dirname "$0")/../../.."
export SECONDS_OF_TRAFFIC=2
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
number=0

shows() { # NAME VERDICT ARGUMENTS…
    local name=$1 wanted=$2 output
    shift 2
    number=$((number + 1))
    output=$(apps/quickstart.sh "$@" 2>&1 </dev/null)
    if grep -q "^VERDICT: $wanted" <<<"$output"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' <<<"$output"
    fi
}
left_behind() {
    ls -A "$TMPDIR"
    ip netns list 2>/dev/null | grep -o 'mgm-qs-[^ ]*'
    ip -o link 2>/dev/null | grep -E ' r[123][:@]'
}

echo 1..4
if ip netns add mgm-qs-probe 2>/dev/null && ip netns delete mgm-qs-probe; then
    both="mgmd replicated every packet to both receivers"
    shows Quickstart_S4_5.KernelReceiversGetEveryPacketOverAfPacket "$both"
    shows Quickstart_S4_5.RunsASecondTime "$both"
else
    number=2
    echo "ok 1 - Quickstart_S4_5.KernelReceiversGetEveryPacketOverAfPacket # SKIP no network namespaces here"
    echo "ok 2 - Quickstart_S4_5.RunsASecondTime # SKIP no network namespaces here"
fi
shows Quickstart_S4_5.FilesGetEveryPacketOverPcap "mgmd replicated every packet into both files" --pcap
found=$(left_behind)
if [ -z "$found" ]; then
    echo "ok 4 - Quickstart.LeavesNothingBehind"
else
    echo "not ok 4 - Quickstart.LeavesNothingBehind"
    sed 's/^/# /' <<<"$found"
fi
