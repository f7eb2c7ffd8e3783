#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From a fresh Debian 12 to real multicast through mgmd: installs what is missing, builds, shows it, cleans up.
#
#   apps/quickstart.sh          with root: a kernel source and two kernel receivers in network namespaces of their own
#   apps/quickstart.sh --pcap   packets from a file into two files; also what happens where namespaces are missing
# Environment: BUILD=folder (build-release), SECONDS_OF_TRAFFIC=N (10).
# It leaves the build folder and the packages; namespaces, links and files are gone when it ends, however it ends.
set -euo pipefail
cd "$(dirname "$0")/.."
. apps/install.sh

build=${BUILD:-build-release}
seconds=${SECONDS_OF_TRAFFIC:-10}
id=mgm-qs-$$
files=$(mktemp -d "${TMPDIR:-/tmp}/$id.XXXXXX")
mgmd_pid=

say() { printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }

clean_up() {
    local name
    if [ -n "$mgmd_pid" ]; then
        kill "$mgmd_pid" 2>/dev/null || true
        for _ in $(seq 50); do kill -0 "$mgmd_pid" 2>/dev/null && sleep 0.1 || break; done
        kill -9 "$mgmd_pid" 2>/dev/null || true
        wait "$mgmd_pid" 2>/dev/null || true
    fi
    for name in source receiver1 receiver2 router; do
        ip netns delete "$id-$name" 2>/dev/null || true # takes its links along
    done
    rm -rf "$files"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

build_mgm() {
    say "Building mgmd and mgmctl in $build/ (the first time takes a few minutes)"
    local log="$files/build.log"
    if ! { { [ -e "$build/build.ninja" ] || meson setup "$build" -Dbuildtype=release; } &&
        ninja -C "$build" apps/mgmd apps/mgmctl; } >"$log" 2>&1; then
        tail -30 "$log"
        echo "The build failed; its last lines are above."
        return 1
    fi
    echo "done."
}

# host NAME LINK ROUTER_LINK IPV4/LEN IPV6/LEN: a namespace with a kernel in it, one cable to the router's
host() {
    local ns="$id-$1" link=$2 router_link=$3
    ip netns add "$ns"
    # A source is no neighbour of a receiver: the reverse-path filter of the receiver's kernel would drop it.
    ip netns exec "$ns" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    ip -n "$ns" link add "$link" type veth peer name "$router_link" netns "$id-router"
    # af_packet carries checksums as they are: the sending kernel has to finish them.
    ip netns exec "$ns" ethtool -K "$link" tx off gso off gro off >/dev/null
    ip -n "$ns" address add "$4" dev "$link"
    ip -n "$ns" address add "$5" dev "$link" nodad
    ip -n "$ns" link set lo up
    ip -n "$ns" link set "$link" up
    ip -n "$id-router" link set "$router_link" up
}

make_network() {
    [ "$(id -u)" -eq 0 ] || { echo "only root can make network namespaces"; return 1; }
    (
        set -e
        ip netns add "$id-router"
        # The router's kernel keeps out of it: its links belong to mgmd.
        ip netns exec "$id-router" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
        host source    eth0 r1 198.51.100.2/29  2001:db8:1::2/64
        host receiver1 eth0 r2 198.51.100.10/29 2001:db8:2::2/64
        host receiver2 eth0 r3 198.51.100.18/29 2001:db8:3::2/64
    ) >"$files/network.log" 2>&1 || { tail -1 "$files/network.log"; return 1; }
}

write_configuration() { # FILE PORT1 PORT2 PORT3
    cat >"$1" <<TOML
[mgmd]
name = "$id"
socket = "$files/mgm.sock"

[eal]
args = ["--no-huge", "-m", "256", "--no-pci"]

[[interface]]
name = "p1"
index = 1
port = "$2"
addresses = ["198.51.100.1/29", "2001:db8:1::1/64"]

[[interface]]
name = "p2"
index = 2
port = "$3"
addresses = ["198.51.100.9/29", "2001:db8:2::1/64"]

[[interface]]
name = "p3"
index = 3
port = "$4"
addresses = ["198.51.100.17/29", "2001:db8:3::1/64"]

[[route]]
source = "198.51.100.2"
group = "233.252.0.7"
iifs = ["p1"]
oifs = ["p2", "p3"]

[[route]]
source = "2001:db8:1::2"
group = "ff0e::db8:0:7"
iifs = ["p1"]
oifs = ["p2", "p3"]
TOML
}

through_the_kernel() {
    cat <<PICTURE

   source                                mgmd                             receiver 1
   198.51.100.2     eth0 ─── r1  p1 ┐                ┌ p2  r2 ─── eth0    198.51.100.10
   2001:db8:1::2                    ├─ look up, copy ┤
                                    ┘                │                    receiver 2
                                                     └ p3  r3 ─── eth0    198.51.100.18

   routes: (198.51.100.2, 233.252.0.7) and (2001:db8:1::2, ff0e::db8:0:7), in on p1, out on p2 and p3
   The three machines send and receive with the ordinary UDP sockets of their kernels.
PICTURE
    write_configuration "$files/mgmd.toml" \
        net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_packet3,iface=r3
    ip netns exec "$id-router" "$build/apps/mgmd" --config "$files/mgmd.toml" \
        >"$files/mgmd.log" 2>&1 &
    mgmd_pid=$!
    python3 apps/quickstart_traffic.py show --namespaces "$id" --seconds "$seconds" \
        --mgmctl "$build/apps/mgmctl --socket $files/mgm.sock" --daemon "$mgmd_pid" || {
        echo "mgmd's log:"
        tail -20 "$files/mgmd.log"
        return 1
    }
}

through_files() {
    python3 apps/quickstart_traffic.py write "$files/in.pcap"
    write_configuration "$files/mgmd.toml" "net_pcap1,rx_pcap=$files/in.pcap" \
        "net_pcap2,tx_pcap=$files/out1.pcap" "net_pcap3,tx_pcap=$files/out2.pcap"
    say "mgmd --once --config mgmd.toml"
    "$build/apps/mgmd" --once --config "$files/mgmd.toml" 2>"$files/mgmd.log" ||
        { tail -20 "$files/mgmd.log"; echo "mgmd failed; its log is above."; return 1; }
    say "What tcpdump reads in the first file"
    tcpdump -nv -c 2 -r "$files/out1.pcap" 2>/dev/null
    python3 apps/quickstart_traffic.py check "$files/in.pcap" "$files/out1.pcap" "$files/out2.pcap"
}

install_packages run
build_mgm
if [ "${1:-}" = --pcap ]; then
    say "One pcap file in, two out"
    through_files
elif reason=$(make_network); then
    say "A multicast router between three machines, each a network namespace with a kernel of its own"
    through_the_kernel
else
    say "No network namespaces here ($reason): one pcap file in, two out instead"
    through_files
fi
