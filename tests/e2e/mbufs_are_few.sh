#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# As few packet buffers as mgmd takes, and full bursts of packets that want 200 copies each: many times more than there are
# buffers. Copies go out in parts that fit, so none is lost for want of one; the flow beside them goes on; all buffers come back.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

wide4=239.255.3.8
wide_ports=5
vlans=40
mbufs=960 # the fewest that mgmd takes with these rings; a burst wants up to 6,400 copies
router_namespace router
host source router r1 198.51.100.2/28 2001:db8:1::2/64
host receiver1 router r2 198.51.100.18/28 2001:db8:2::2/64
configure router
printf 'mbufs = %s\nrx_descriptors = 64\ntx_descriptors = 64\n' $mbufs >>"$toml"
interface p1 11 net_af_packet1,iface=r1 198.51.100.1/28
interface p2 22 net_af_packet2,iface=r2 198.51.100.17/28
wide=()
for port in $(seq $wide_ports); do
    for vlan in $(seq $vlans); do
        wide+=("w$port-$vlan")
        printf '[[interface]]\nname = "w%s-%s"\nindex = %s\nport = "net_null%s,no-rx=1"\nvlan = %s\n' \
            "$port" "$vlan" $((1000 * port + vlan)) "$port" "$vlan" >>"$toml"
    done
done
route '*' $group4 p1 p2
route '*' $wide4 p1 "${wide[@]}"
start_mgmd router router
wait_until_up router p1 p2 w$wide_ports-$vlans
receive receiver1 -- $group4

used() { value router "['usage']['mbufs']['used']" status; }
expect "buffers in the pool" "$(value router "['usage']['mbufs']['capacity']" status)" -eq $mbufs
idle=$(used)
all_are_back() { [ "$(used)" -eq "$idle" ]; }

# While mgmd stands still the device's ring fills, so that it finds full bursts afterwards.
kill -STOP "${mgmd_pid[router]}"
send source $wide4 500 --rate 20000 >/dev/null
send source $group4 100 --rate 20000 >/dev/null
kill -CONT "${mgmd_pid[router]}"
has_settled() { [ "$(value router "['received']" counters)" -ge 600 ]; }
wait_for "mgmd has taken all packets" has_settled
# At most one burst holds packets of both groups.
wait_for "receiver1 has the flow beside it, but for a burst at most" has_received receiver1 $group4 69
wait_for "the pool is back at its idle count of $idle" all_are_back

wanted=$(value router "['copies_wanted']" counters)
sent=$(value router "['copies_sent']" counters)
expect "copies wanted" "$wanted" -eq $((500 * wide_ports * vlans + 100))
expect "copies wanted, less the sent" $((wanted - sent)) -eq 0
expect "identities that do not hold" "$(identities_broken router)" -eq 0

# The same bursts of packets that want one copy all arrive.
before=$(received receiver1 $group4 packets)
kill -STOP "${mgmd_pid[router]}"
send source $group4 1000 --first 100 --rate 20000 >/dev/null
kill -CONT "${mgmd_pid[router]}"
wait_for "receiver1 has all that was sent afterwards" has_received receiver1 $group4 $((before + 1000))
expect "packets that ended without a copy" \
    $((1600 - $(value router "['verdicts']['forwarded']" counters))) -eq 0
wait_for "the pool is back at its idle count of $idle" all_are_back
stop_mgmd router
passed "all $wanted copies found one of $mbufs packet buffers, and all buffers came back"
