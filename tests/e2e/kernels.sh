# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# One kernel that sends, two that receive, mgmd between them. Sourced by the tests of the port kinds.
#
#   source eth0 ── r1   router   r2 ── eth0 receiver1
#                                r3 ── eth0 receiver2

group4=239.255.3.7
group6=ff1e::3:7

three_hosts() {
    router_namespace router
    host source router r1 198.51.100.2/28 2001:db8:1::2/64
    host receiver1 router r2 198.51.100.18/28 2001:db8:2::2/64
    host receiver2 router r3 198.51.100.34/28 2001:db8:3::2/64
}

# three_interfaces PORT1 PORT2 PORT3: and the two routes between them
three_interfaces() {
    interface p1 11 "$1" 198.51.100.1/28 2001:db8:1::1/64
    interface p2 22 "$2" 198.51.100.17/28 2001:db8:2::1/64
    interface p3 37 "$3" 198.51.100.33/28 2001:db8:3::1/64
    route 198.51.100.2 $group4 p1 p2 p3
    route '*' $group6 p1 p2 p3
}

# Both receivers get every packet of both families once, unspoiled, with the TTL one less.
both_receive_everything() {
    local count=500 receiver group
    receive receiver1 -- $group4 $group6
    receive receiver2 -- $group4 $group6
    send source $group4 $count --ttl 9 >/dev/null
    send source $group6 $count --ttl 9 >/dev/null
    for receiver in receiver1 receiver2; do
        for group in $group4 $group6; do
            wait_for "$receiver has $count packets of $group" has_received $receiver $group $count
            expect "packets of $group at $receiver" "$(received $receiver $group packets)" -eq $count
            expect "repeated ones" "$(received $receiver $group repeated)" -eq 0
            expect "spoiled ones" "$(received $receiver $group spoiled)" -eq 0
            expect "TTL of the last one" "$(received $receiver $group ttl)" -eq 8
        done
    done
    expect "identities that do not hold" "$(identities_broken router)" -eq 0
}
identities_broken() {
    value "$1" "['identities']" counters | python3 -c "
import ast, sys
print(sum(identity['left'] != identity['right'] for identity in ast.literal_eval(sys.stdin.read())))"
}
# tx_full_of NAME INTERFACE: copies that its port did not take
tx_full_of() {
    ctl "$1" show counters --json | python3 -c "
import json, sys
rows = json.load(sys.stdin)['interfaces']
print(next(row['copy_drops'].get('tx_full', 0) for row in rows if row['name'] == '$2'))"
}

# use_example NAME EXAMPLE: apps/examples/EXAMPLE.toml as NAME.toml, with names, sockets and hugepages of this test's own
use_example() {
    toml=$files/$1.toml
    sed -e "0,/^name = .*/s||name = \"$id-$1\"\nsocket = \"$files/$1.sock\"|" -e "/^socket = \"\"/d" \
        -e "s|/tmp/mgm-example|$files/example|" -e 's|"-m", "256"|"-m", "192"|' \
        "$e2e/../../apps/examples/$2.toml" >"$toml"
    [ "${3:-}" != hugepages ] || sed -i "s|^args = \[|&\"--huge-dir=$MGM_HUGE_DIR\", |" "$toml"
}

# bridge_tap TAP ROUTER_LINK: joins a tap device that mgmd has made to a host's cable
bridge_tap() {
    wait_for "mgmd has made $1" link router show "$1"
    link router add "br-$2" type bridge mcast_snooping 0
    link router set "$1" master "br-$2"
    link router set "$2" master "br-$2"
    link router set "$1" up
    link router set "br-$2" up
}

# arrives_at RECEIVER GROUP…: 200 packets to each, all of them, once
arrives_at() {
    local receiver=$1 group
    shift
    receive "$receiver" -- "$@"
    for group in "$@"; do
        send source "$group" 200 >/dev/null
        wait_for "$receiver has 200 packets of $group" has_received "$receiver" "$group" 200
        expect "packets of $group" "$(received "$receiver" "$group" packets)" -eq 200
    done
}
