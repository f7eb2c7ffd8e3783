#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmbench tx, mgmd, and two mgmbench rx, each in its own namespace on veth: both receive every packet once, in order,
# unchanged but for what a router changes.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/mgmbench.sh"
needs_namespaces

three_hosts
configure router
interface p1 11 net_af_packet1,iface=r1 198.18.0.1/15
interface p2 22 net_af_packet2,iface=r2 198.51.100.17/28
interface p3 37 net_af_packet3,iface=r3 198.51.100.33/28
route '*' 225.0.0.0/8 p1 p2 p3
start_mgmd router router
wait_until_up router p1 p2 p3
start_rx rx1 net_af_packet0,iface=eth0 receiver1
start_rx rx2 net_af_packet0,iface=eth0 receiver2

in_ns source "$build/apps/bench/mgmbench" tx --port net_af_packet0,iface=eth0 --packets 4000 --rate 2000 \
    --groups 20 --size 64,900 --json >"$files/tx.json" 2>"$files/tx.log" ||
    [ "$(of_json tx.json is_short)" = True ] || fail "tx does not end well"
end_of_rx rx1 0
end_of_rx rx2 0
expect "packets sent" "$(of_json tx.json sent)" -eq 4000
for rx in rx1 rx2; do
    came $rx received=4000 lost=0 duplicated=0 reordered=0 corrupted=0 too_old=0 flows=20 ended_flows=20
done
expect "identities that do not hold" "$(identities_broken router)" -eq 0
stop_mgmd router
passed "tx, mgmd, two rx: 4000 packets of 20 flows at both, each once, in order"
