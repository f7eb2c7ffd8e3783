#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Flood and prune: a module in C that wants (*,*) everywhere is asked about each new source and vetoes one interface
# (mgm-spec T13, T19).
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

says() { grep -qF -- "dense: $1" "$files/router.log"; }
count=300
slow=300 # packets a second: eight are held for a new source, and control comes by every 10 ms

three_hosts
configure router
interface p1 11 net_af_packet1,iface=r1 198.51.100.1/28
interface p2 22 net_af_packet2,iface=r2 198.51.100.17/28
interface p3 37 net_af_packet3,iface=r3 198.51.100.33/28
cat >>"$toml" <<TOML
[[protocol]]
module = "$build/apps/examples/protocols/dense.so"
args = ["p1", "p2", "-p3"]
TOML
start_mgmd router router
wait_until_up router p1 p2 p3
wait_for "the protocol runs" says "running on 3 interfaces"

receive receiver1 -- $group4 239.255.3.8
receive receiver2 -- $group4 239.255.3.8
for group in $group4 239.255.3.8; do
    send source $group $count --ttl 9 --rate $slow >/dev/null
    wait_for "receiver1 has $count packets of $group" has_received receiver1 $group $count
    expect "packets of $group at receiver1" "$(received receiver1 $group packets)" -eq $count
    expect "packets of $group on the pruned interface" "$(received receiver2 $group packets)" -eq 0
    wait_for "the flood" says "CREATION (198.51.100.2,$group) from 11: flood to 22"
    says "CREATION (198.51.100.2,$group) from 11: pruned on 37" || fail "no veto of $group"
done
expect "identities that do not hold" "$(identities_broken router)" -eq 0
stop_mgmd router
says "deregister: 0" || fail "the protocol has not left in order"
passed "protocol: flood over one interface, pruned on the other"
