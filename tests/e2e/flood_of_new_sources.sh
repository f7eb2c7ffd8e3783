#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# 10,000 new sources in two seconds, five times as many as the quota of upcalls lets through: the flow that has its entry
# loses nothing, other protocols' calls are answered, what is over the quota is counted and resolves with later packets.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

sources=10000
toml_extra='[[mroute]]
prefix = "10.77.0.0/16"
interface = "p1"
neighbor = "198.51.100.3"'
entries=16384
three_protocols
tell B add $any $G $p2 $join
tell C add $any $G2 $p3 $join
receive receiver1 -- $G
receive receiver2 -- $G2

send source $G 10 --rate $slow >/dev/null
gets receiver1 $G 10
in_ns source python3 "$e2e/mcast_flood.py" --interface eth0 --group $G2 --sources 10.77.0.0/16 --count $sources --rate 5000 &
flood=$! begun=$SECONDS
helpers+=($flood)
send source $G 1000 --first 10 --rate 500 >/dev/null & # in the same two seconds
flow=$!
tell B probe 239.255.9.9 $p2 1000
grep -F "B: 1000 calls" "$files/router.log"
wait $flood $flow
took=$((SECONDS - begun + 1))
gets receiver1 $G 1010

total() { value router "['verdicts']['$1']" counters; }
nothing_is_held() { [ "$(value router "['held']" counters)" -eq 0 ]; }
wait_for "nothing is held any more" nothing_is_held
arrived=$(received receiver2 $G2 packets)
late=$(($(total unresolved) + $(total hold_overflow) + $(total hold_full)))
echo "$arrived of $sources first packets went out, $late were over a limit"
expect "first packets that went out and those over a limit" $((arrived + late)) -eq $sources
expect "sources that were let through in $took s" "$arrived" -le $((1000 * (took + 1)))
expect "sources that were let through" "$arrived" -ge 1000

second() { # those that were refused ask again with their next packet
    in_ns source python3 "$e2e/mcast_flood.py" --interface eth0 --group $G2 --sources 10.77.39.0/24 --count 16 --rate 200 \
        >/dev/null
    look A mfe 10.77.39.16 $G2
    [[ $answer == "in $p1 "*", out $p3,"* ]]
}
wait_for "the last sources have their entries, too" second
finish_three
passed "a flood of new sources costs nobody else anything"
