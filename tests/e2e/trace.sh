#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmctl trace tells how the next packets of a flow end while others flow beside it: forwarded, without an entry, or from
# a source that is not asked for. One trace at a time; one that is interrupted leaves the way free for the next.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

unknown4=239.255.3.99
three_hosts
configure router
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_packet3,iface=r3
start_mgmd router router
wait_until_up router p1 p2 p3

steady() { # GROUP TTL: packets until the test ends
    ip netns exec "$id-source" python3 "$e2e/mcast_send.py" --interface eth0 --group "$1" --ttl "$2" --count 0 \
        --rate 200 >/dev/null 2>>"$files/source.log" &
    helpers+=($!)
}
trace() { # NAME ARGUMENTS…: in the background, into NAME.trace
    "$build/apps/mgmctl" --socket "$files/router.sock" trace "${@:2}" >"$files/$1.trace" 2>"$files/$1.log" &
    tracer=$!
    helpers+=("$tracer")
}
ends_well() { # NAME
    local status=0
    wait_for "the trace $1 ends by itself" has_ended "$tracer"
    wait "$tracer" || status=$?
    expect "exit status of the trace $1" $status -eq 0
}
steady $group4 9
steady $group6 7
steady $unknown4 9

trace forwarded --group $group4 --count 5
ends_well forwarded
expect "lines of the trace" "$(wc -l <"$files/forwarded.trace")" -eq 5
expect "lines that say what happened" "$(grep -cxE \
    "p1 \(198.51.100.2,$group4\) ttl 9 length 148 forwarded copies 2/2 worker 0" "$files/forwarded.trace")" -eq 5

trace ipv6 --group $group6 --source 2001:db8:1::2 --count 3 --json
ends_well ipv6
python3 - "$files/ipv6.trace" <<'PYTHON' || fail "the JSON of the trace: $(cat "$files/ipv6.trace")"
import json, sys
packets = [json.loads(line) for line in open(sys.argv[1])]
assert len(packets) == 3
wanted = {"source": "2001:db8:1::2", "group": "ff1e::3:7", "iif": "p1", "ttl": 7, "length": 168,
          "verdict": "forwarded", "copies_wanted": 2, "copies_sent": 2}
for packet in packets:
    assert wanted.items() <= packet.items(), packet
PYTHON

trace unknown --group $unknown4 --count 2
ends_well unknown
expect "packets without an entry" "$(grep -c 'ttl 9 length 148 no_entry copies 0/0' "$files/unknown.trace")" -eq 2

# Nothing comes from this source: the trace waits, refuses a second one, and is interrupted.
trace nobody --group $group4 --source 198.51.100.9 --count 1
another_runs() {
    # When ours came first, the one above was refused and is gone: it tries again.
    ! has_ended "$tracer" || trace nobody --group $group4 --source 198.51.100.9 --count 1
    ! ctl router trace --group $group4 --count 1 2>"$files/second.log"
}
wait_for "a second trace is refused" another_runs
grep -q 'another one runs' "$files/second.log" || fail "why it was refused: $(cat "$files/second.log")"
expect "packets of a source that sends nothing" "$(wc -l <"$files/nobody.trace")" -eq 0
kill "$tracer"
wait "$tracer" 2>/dev/null || true
wait_for "the next trace goes on" ctl router trace --group $group4 --count 1
expect "trace records lost" "$(value router "['events']['trace_lost']" counters)" -eq 0
stop_mgmd router
passed "traces show how live packets end"
