# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the end-to-end tests share. Sourced first thing:  . "$(dirname "$0")/lib.sh"
#
# A test makes namespaces and cables, writes a configuration, starts one or more mgmd, waits for conditions (never for
# a time), checks, and calls `passed`. Whatever it made is gone when it ends, however it ends. Ends with 0, 77 (skipped,
# says why) or 1 (says what was expected and shows mgmd's log).
set -euo pipefail

e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${MGM_BUILD:-$e2e/../../build}
id=mgme2e$$
files=$(mktemp -d "${TMPDIR:-/tmp}/$id.XXXXXX")
deadline=${MGM_DEADLINE_SECONDS:-30}
declare -A mgmd_pid=() receiver_pid=()
helpers=()
namespaces=()
instances=()

# --- endings ---------------------------------------------------------------------------------------------------------

passed() { echo "ok: $*"; }
skip() {
    echo "SKIPPED: $*"
    exit 77
}
fail() {
    echo "FAILED: $*"
    local log
    for log in "$files"/*.log; do
        [ -s "$log" ] && printf -- '--- %s\n%s\n' "${log##*/}" "$(tail -40 "$log")"
    done
    exit 1
}

clean_up() {
    local pid name
    for pid in "${mgmd_pid[@]}" "${receiver_pid[@]}" "${helpers[@]}"; do
        kill -CONT "$pid" 2>/dev/null || true
        kill "$pid" 2>/dev/null || true
    done
    for pid in "${mgmd_pid[@]}" "${receiver_pid[@]}" "${helpers[@]}"; do
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null && sleep 0.1 || break; done
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for name in "${namespaces[@]}"; do
        ip netns delete "$name" 2>/dev/null || true # takes its links along
    done
    for name in "${instances[@]}"; do
        rm -rf "/var/run/dpdk/$id-$name" # only there if mgmd was killed or crashed
        [ -z "${MGM_HUGE_DIR:-}" ] || rm -f "$MGM_HUGE_DIR/$id-${name}"map_*
    done
    rm -rf "$files"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# wait_for WHAT COMMAND…: until COMMAND succeeds
wait_for() {
    local what=$1 end=$((SECONDS + deadline))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || fail "waited $deadline s in vain: $what"
        sleep 0.05
    done
}

# expect WHAT LEFT OPERATOR RIGHT: a numeric or textual test of [
expect() {
    test "$2" "$3" "$4" || fail "$1: $2 $3 $4 does not hold"
}

# --- what a test needs -----------------------------------------------------------------------------------------------

needs_namespaces() {
    [ "$(id -u)" -eq 0 ] || skip "needs root for network namespaces"
    ip netns add "$id-try" 2>/dev/null || skip "needs network namespaces, and there are none here"
    ip netns delete "$id-try"
}

# Sets `eal` for an instance that others share memory with: at an address that is free in the other process, too, when
# AddressSanitizer has taken its part of the map.
needs_hugepages() {
    [ -n "${MGM_HUGE_DIR:-}" ] ||
        skip "needs hugepages: reserve some, mount hugetlbfs and name it in MGM_HUGE_DIR (tests/run.sh does)"
    eal="[\"--huge-dir=$MGM_HUGE_DIR\", \"--single-file-segments\", \"--base-virtaddr=0x200000000000\", \"--no-pci\", \"-m\", \"192\"]"
}
eal='["--no-huge", "-m", "192", "--no-pci"]'

# --- networks --------------------------------------------------------------------------------------------------------

namespace() { # NAME
    ip netns add "$id-$1"
    namespaces+=("$id-$1")
    in_ns "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    ip -n "$id-$1" link set lo up
}
in_ns() { # NAME COMMAND…
    ip netns exec "$id-$1" "${@:2}"
}
link() { # NAMESPACE ARGUMENTS…: ip link in the namespace
    ip -n "$id-$1" link "${@:2}"
}

# A namespace for mgmd, whose kernel keeps out of it.
router_namespace() {
    namespace "$1"
    in_ns "$1" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
}

# host NAME ROUTER ROUTER_LINK IPV4/LEN IPV6/LEN: a kernel with one cable, eth0, to a router's namespace
host() {
    namespace "$1"
    cable "$1" eth0 "$2" "$3"
    ip -n "$id-$1" address add "$4" dev eth0
    ip -n "$id-$1" address add "$5" dev eth0 nodad
}
cable() { # NAMESPACE LINK ROUTER ROUTER_LINK
    link "$1" add "$2" type veth peer name "$4" netns "$id-$3"
    # The driver carries checksums as they are: the sending kernel has to finish them.
    in_ns "$1" ethtool -K "$2" tx off gso off gro off >/dev/null
    in_ns "$3" ethtool -K "$4" tx off gso off gro off >/dev/null
    link "$1" set "$2" up
    link "$3" set "$4" up
}

# --- configurations --------------------------------------------------------------------------------------------------

# configure NAME: begins NAME.toml; what follows is appended by interface, route or cat
configure() {
    toml=$files/$1.toml
    cat >"$toml" <<TOML
[mgmd]
name = "$id-$1"
socket = "$files/$1.sock"
[eal]
args = $eal
[capacity]
ipv4_entries = ${entries:-4096}
ipv6_entries = 4096
TOML
}
interface() { # NAME INDEX PORT ADDRESS…
    local addresses
    printf -v addresses '"%s", ' "${@:4}"
    printf '[[interface]]\nname = "%s"\nindex = %s\nport = "%s"\naddresses = [%s]\n' \
        "$1" "$2" "$3" "${addresses%, }" >>"$toml"
}
route() { # SOURCE GROUP IIF OIF…; "*" is any source
    local oifs source=
    printf -v oifs '"%s", ' "${@:4}"
    [ "$1" = '*' ] || source="source = \"$1\""
    printf '[[route]]\n%s\ngroup = "%s"\niifs = ["%s"]\noifs = [%s]\n' \
        "$source" "$2" "$3" "${oifs%, }" >>"$toml"
}

# --- mgmd ------------------------------------------------------------------------------------------------------------

# start_mgmd NAME [NAMESPACE]: with NAME.toml; returns when it answers
start_mgmd() {
    local run=()
    [ $# -lt 2 ] || run=(ip netns exec "$id-$2")
    "${run[@]}" "$build/apps/mgmd" --config "$files/$1.toml" >>"$files/$1.log" 2>&1 &
    mgmd_pid[$1]=$!
    instances+=("$1")
    wait_for "mgmd $1 answers" answers_or_died "$1"
    kill -0 "${mgmd_pid[$1]}" 2>/dev/null || fail "mgmd $1 ended at once"
}
answers_or_died() {
    ctl "$1" show workers || ! kill -0 "${mgmd_pid[$1]}" 2>/dev/null
}
# stop_mgmd NAME: SIGTERM; it must end by itself with 0, which it does only if no packet buffer is missing
stop_mgmd() {
    local pid=${mgmd_pid[$1]} status=0
    kill -TERM "$pid"
    wait_for "mgmd $1 ends after SIGTERM" has_ended "$pid"
    wait "$pid" || status=$?
    unset "mgmd_pid[$1]"
    expect "exit status of mgmd $1" "$status" -eq 0
}
has_ended() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.*zombie' "/proc/$1/status"; }

ctl() { # NAME ARGUMENTS…
    "$build/apps/mgmctl" --socket "$files/$1.sock" "${@:2}"
}
# value NAME PATH SHOW…: one value of `mgmctl show … --json`; PATH is Python behind the document: ['verdicts']['ttl']
value() {
    ctl "$1" show "${@:3}" --json | python3 -c "import json, sys; print(json.load(sys.stdin)$2)"
}
of_interface() { # NAME INTERFACE FIELD
    ctl "$1" show interfaces --json | python3 -c "
import json, sys
rows = json.load(sys.stdin)
rows = rows if isinstance(rows, list) else rows['interfaces']
print(next(row['$3'] for row in rows if row['name'] == '$2'))"
}
is_up() { [ "$(of_interface "$1" "$2" state)" = up ]; }
wait_until_up() { # NAME INTERFACE…
    local name=$1 interface
    shift
    for interface in "$@"; do
        wait_for "$interface of $name is up" is_up "$name" "$interface"
    done
}
log_has() { grep -qE "$2" "$files/$1.log"; } # NAME PATTERN

# --- kernel senders and receivers ------------------------------------------------------------------------------------

# receive NAMESPACE [INTERFACE] -- GROUP…: joins and counts in the background, into NAMESPACE.received, instead of the
# receiver that did so before
receive() {
    local ns=$1 device=eth0
    shift
    [ "$1" = -- ] || { device=$1; shift; }
    shift
    stop_receiving "$ns"
    ip netns exec "$id-$ns" python3 "$e2e/mcast_recv.py" --interface "$device" --report "$files/$ns.received" "$@" \
        >>"$files/$ns.log" 2>&1 &
    receiver_pid[$ns]=$!
    wait_for "$ns has joined" test -s "$files/$ns.received"
}
# Ended and waited for, and its report removed: what is there afterwards is a successor's.
stop_receiving() { # NAMESPACE
    [ -n "${receiver_pid[$1]:-}" ] || return 0
    kill "${receiver_pid[$1]}" 2>/dev/null || true
    wait "${receiver_pid[$1]}" 2>/dev/null || true
    unset "receiver_pid[$1]"
    rm -f "$files/$1.received"
}
# received NAMESPACE GROUP FIELD: packets, lost, repeated, ttl
received() {
    python3 -c "import json; print(json.load(open('$files/$1.received'))['$2']['$3'])"
}
has_received() { [ "$(received "$1" "$2" packets)" -ge "$3" ]; } # NAMESPACE GROUP COUNT
send() { # NAMESPACE GROUP COUNT [OPTIONS…]
    in_ns "$1" python3 "$e2e/mcast_send.py" --interface eth0 --group "$2" --count "$3" "${@:4}"
}

# --- pcap files ------------------------------------------------------------------------------------------------------

pcap() { python3 "$e2e/pcap_tool.py" "$@"; }
# frames_in NAME.pcap COUNT
has_frames() { [ "$(pcap count "$files/$1")" -ge "$2" ]; }
