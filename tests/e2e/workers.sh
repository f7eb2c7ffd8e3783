#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Two workers on ports of one queue and on a port of two: many flows, each in order, every account exact; what one worker
# holds, what control injects and what a trace asks for works for the flows of both.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces
[ "$(nproc)" -gt 1 ] || skip "needs two CPUs"

flows=24
per_flow=200
total=$((flows * per_flow))

three_hosts
eal='["--no-huge", "-m", "256", "--no-pci", "--lcores", "0@0,1@0,2@1"]'
configure router
sed -i 's/^\[mgmd\]/&\nworkers = 2/' "$toml"
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2,qpairs=2 net_af_packet3,iface=r3
route '*' 239.255.9.0/24 p1 p2 p3
route '*' ff1e::9:0/112 p1 p2 p3
start_mgmd router router
wait_until_up router p1 p2 p3
wait_for "the log says how p1 is served" log_has router 'iface=r1: 1 rx queue for 2 workers'
wait_for "the log says how p3 is served" log_has router 'iface=r3: 1 tx queue for 2 workers'

both_receive_everything

receivers=()
for ns in receiver1 receiver2; do
    mkfifo "$files/$ns.window"
    ip netns exec "$id-$ns" python3 "$e2e/ordered_flows.py" receive --interface eth0 --flows $flows --count $per_flow \
        --windows "$files/$ns.window" >"$files/$ns.order" 2>>"$files/$ns.log" &
    helpers+=($!)
    receivers+=($!)
    wait_for "$ns listens" grep -q listening "$files/$ns.order"
done
in_ns source python3 "$e2e/ordered_flows.py" send --interface eth0 --flows $flows --count $per_flow \
    --windows "$files"/receiver?.window || fail "packets are missing: $(tail -n 4 "$files"/*.order)"
for pid in "${receivers[@]}"; do
    wait "$pid" || fail "a receiver lost the order: $(tail -n 4 "$files"/*.order)"
done

of_worker() { # WORKER: frames that it received or was given
    ctl router show workers --json | python3 -c "
import json, sys
rows = json.load(sys.stdin)
rows = rows if isinstance(rows, list) else rows['workers']
print(rows[$1]['in_frames'])"
}
expect "frames of worker 0" "$(of_worker 0)" -gt 0
expect "frames of worker 1" "$(of_worker 1)" -gt 0
expect "packets that found no room between workers" "$(value router "['verdicts']['spread_full']" counters)" -eq 0
expect "packets forwarded" "$(value router "['verdicts']['forwarded']" counters)" -eq $((total + 1000))
expect "identities that do not hold" "$(identities_broken router)" -eq 0
stop_mgmd router
passed "two workers: $flows flows over one queue, one tx queue and two, in order and exactly counted"
