#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# T19: a protocol vetoes its interface in a new entry, lets it in later and takes it out again, without a word to others.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

three_protocols
tell B add $any $G $p2 $join
tell C add $any $G $p3 $join
tell C veto 0
outcome C veto $p3
receive receiver1 -- $G
receive receiver2 -- $G

send source $G $count --rate $slow >/dev/null
gets receiver1 $G $count
is_told A "RPF ($S,$G) $p1"
is_told B "CREATION ($S,$G) $p1 to $p2"
is_told C "CREATION ($S,$G) $p1 to $p3 vetoed"
expect "packets at the vetoed interface" "$(received receiver2 $G packets)" -eq 0
mfe_is $S $G "in $p1 of protocol 0x4000001f, out $p2, time-out 900"

joins=$(count_of A "JOIN")
tell C add $S $G $p3 $forward
mfe_is $S $G "in $p1 of protocol 0x4000001f, out $p2 $p3, time-out 900"
send source $G $count --first $count >/dev/null
gets receiver1 $G $((2 * count))
gets receiver2 $G $count

tell C delete $S $G $p3 $forward
mfe_is $S $G "in $p1 of protocol 0x4000001f, out $p2, time-out 900"
send source $G $count --first $((2 * count)) >/dev/null
gets receiver1 $G $((3 * count))
expect "packets at the interface that was taken out" "$(received receiver2 $G packets)" -eq $count
expect "more joins that A was told" "$(count_of A JOIN)" -eq "$joins"

# What each interface was given is exact, however often the olist changes under the flow.
send source $G 2000 --first $((3 * count)) --rate 4000 >/dev/null &
flow=$!
helpers+=("$flow")
for _ in $(seq 12); do
    tell C add $S $G $p3 $forward
    tell C delete $S $G $p3 $forward
done
tell C add $S $G $p3 $forward
wait "$flow"
total=$((3 * count + 2000))
gets receiver1 $G $total
given_is() {
    wanted="in $total, different-if 0, negative 0, out $((total + $(received receiver2 $G packets)))"
    wanted+=", $p2: $total and 0 lost, $p3: $(received receiver2 $G packets) and 0 lost"
    stats_are $S $G "$wanted"
}
wait_for "the tables say what the receivers have" given_is
finish_three
passed "T19: veto, forward state that comes and goes, and what each interface was given"
