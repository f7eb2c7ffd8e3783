#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# SIGHUP reads the configuration again and applies all of it or nothing, while traffic flows: a flow that no change
# concerns loses nothing; a broken file leaves everything as it was and has each mistake listed.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

moving4=239.255.3.8
three_hosts
configure router
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_packet3,iface=r3
cp "$toml" "$files/base.toml"
route '*' $moving4 p1 p2
start_mgmd router router
wait_until_up router p1 p2 p3
receive receiver1 -- $group4 $moving4
receive receiver2 -- $group4 $moving4
ip netns exec "$id-source" python3 "$e2e/mcast_send.py" --interface eth0 --group $group4 --count 0 --rate 1000 \
    >"$files/sent" 2>"$files/source.log" &
steady=$!
helpers+=("$steady")
wait_for "the steady flow arrives" has_received receiver1 $group4 100

send source $moving4 30 >/dev/null
wait_for "receiver1 has the flow that will move" has_received receiver1 $moving4 30

# The route moves to p3, twenty times and back, and ends there.
for round in $(seq 20); do
    cp "$files/base.toml" "$toml"
    route '*' $moving4 p1 p$((3 - round % 2))
    ctl router reload >/dev/null
done
cp "$files/base.toml" "$toml"
route '*' $moving4 p1 p3
kill -HUP "${mgmd_pid[router]}"
goes_to_p3() { ctl router show routes --json | grep -A30 "$moving4" | grep -q '"p3"'; }
wait_for "the route leads to p3" goes_to_p3
before=$(received receiver1 $moving4 packets)
send source $moving4 30 --first 30 >/dev/null
wait_for "receiver2 has the flow that moved" has_received receiver2 $moving4 30
expect "packets of it at receiver1" "$(received receiver1 $moving4 packets)" -eq "$before"

# Legal, but probably not meant: it is applied, and the log warns as a start would.
printf '[[route]]\ngroup = "239.255.3.11"\niifs = ["p1"]\noifs = [{interface = "p2", next_hop = "198.51.100.20"}]\n' \
    >>"$toml"
ctl router reload >/dev/null
wait_for "the log warns of the next hop without a neighbor" log_has router 'warning: reload: .*198\.51\.100\.20'

# Three mistakes, and one right change that must not be applied either.
cp "$files/base.toml" "$toml"
route '*' 239.255.3.9 p1 p2
route '*' 224.0.0.37 p1 p2
route '*' 239.255.3.10 p1 p99
echo 'colour = "blue"' >>"$toml"
kill -HUP "${mgmd_pid[router]}"
for mistake in 224.0.0.37 p99 colour; do
    wait_for "the log names the mistake about $mistake" log_has router "$mistake"
done
ctl router show routes --json | grep -q 239.255.3.9 && fail "a part of a broken configuration was applied"
goes_to_p3 || fail "the broken configuration changed what was there"

kill -TERM "$steady"
wait_for "the sender ends" test -s "$files/sent"
sent=$(cat "$files/sent")
for receiver in receiver1 receiver2; do
    wait_for "$receiver has the whole steady flow" has_received $receiver $group4 "$sent"
    expect "lost by $receiver" "$(received $receiver $group4 lost)" -eq 0
    expect "repeated at $receiver" "$(received $receiver $group4 repeated)" -eq 0
done
stop_mgmd router
passed "reload is all or nothing, and $sent packets of a flow that did not change all arrived"
