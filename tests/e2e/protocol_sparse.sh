#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The example protocol, a module in C: starts in the documented order, is asked about a new source and sees its packets flow
# (mgm-spec T17), is told of a packet on the wrong interface (T22), shuts down in the documented order.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

says() { grep -qF -- "sparse: $1" "$files/router.log"; }
count=300
slow=300 # packets a second: eight are held for a new source, and control comes by every 10 ms

three_hosts
configure router
interface p1 11 net_af_packet1,iface=r1 198.51.100.1/28
interface p2 22 net_af_packet2,iface=r2 198.51.100.17/28
interface p3 37 net_af_packet3,iface=r3 198.51.100.33/28
cat >>"$toml" <<TOML
[[membership]]
interface = "p2"
group = "$group4"
[[protocol]]
module = "$build/apps/examples/protocols/sparse.so"
args = ["p1", "p2", "p3"]
TOML
start_mgmd router router
wait_until_up router p1 p2 p3
wait_for "the protocol runs" says "running on 3 interfaces"
for line in "take p1 (11): 0" "take p2 (22): 0" "take p3 (37): 0" "joined already: (*,$group4)"; do
    says "$line" || fail "the protocol has not said: $line"
done

receive receiver1 -- $group4
send source $group4 $count --ttl 9 --rate $slow >/dev/null
wait_for "receiver1 has $count packets" has_received receiver1 $group4 $count
expect "packets at receiver1" "$(received receiver1 $group4 packets)" -eq $count
for line in "RPF (198.51.100.2,$group4) expected on 11" "CREATION (198.51.100.2,$group4) from 11 to 22" \
    "JOIN (198.51.100.2,$group4) because of an entry"; do
    wait_for "the protocol says: $line" says "$line"
done
expect "times that RPF was asked" "$(grep -c 'sparse: RPF' "$files/router.log")" -eq 1

# The same source on another cable: a spoofed packet, or a loop.
ip -n "$id-receiver2" address add 198.51.100.2/32 dev eth0
in_ns receiver2 python3 "$e2e/mcast_send.py" --interface eth0 --group $group4 --source 198.51.100.2 --count 50 >/dev/null
wait_for "the protocol is told of the wrong interface" says "WRONG_IF (198.51.100.2,$group4) on 37"
expect "times that it was told" "$(grep -c 'sparse: WRONG_IF' "$files/router.log")" -eq 1

expect "identities that do not hold" "$(identities_broken router)" -eq 0
stop_mgmd router
for line in "release p1: 0" "release p2: 0" "release p3: 0" "deregister: 0"; do
    says "$line" || fail "the protocol has not said: $line"
done
passed "protocol: a module in C registers, is asked, told, and leaves"
