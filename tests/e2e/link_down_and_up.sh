#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The other end of a cable goes down: the interface goes down, its copies are counted as lost, others get theirs. It
# comes up again: forwarding goes on. Each change is one event and one line in the log.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
configure router
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_packet3,iface=r3
start_mgmd router router
wait_until_up router p1 p2 p3
receive receiver1 -- $group4
receive receiver2 -- $group4
events=$(of_interface router p2 port_events)

link receiver1 set eth0 down
is_down() { [ "$(of_interface router p2 state)" = down ]; }
wait_for "p2 is down" is_down
send source $group4 50 >/dev/null
wait_for "receiver2 has all 50" has_received receiver2 $group4 50
expect "copies lost to the link that is down" "$(value router "['copy_drops']['oif_down']" counters)" -eq 50

link receiver1 set eth0 up
wait_until_up router p2
send source $group4 50 --first 50 >/dev/null
wait_for "receiver1 has the 50 that followed" has_received receiver1 $group4 50
wait_for "receiver2 has all 100" has_received receiver2 $group4 100
expect "events of p2's port" "$(of_interface router p2 port_events)" -eq $((events + 2))
log_has router 'net_af_packet2,iface=r2: link down' || fail "no log line about the link that went down"
log_has router 'net_af_packet2,iface=r2: link up' || fail "no log line about the link that came up"
stop_mgmd router
passed "a link that goes down and comes up is an event, not an end"
