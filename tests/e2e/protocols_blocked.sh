#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A protocol that never returns from RPF, another that never returns from CREATION: their entries are made without them
# when their time is up, the next ones at once; flows that have an entry and other protocols' calls do not notice.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

three_protocols
tell B add $any $G $p2 $join
tell B add $any $G2 $p2 $join
tell C add $any $G2 $p3 $join
receive receiver1 -- $G $G2 239.255.3.9
receive receiver2 -- $G2
send source $G 10 --rate $slow >/dev/null
gets receiver1 $G 10

tell A hang RPF
tell C hang CREATION
send source $G 1000 --first 10 --rate 500 >/dev/null & # beside all that follows
flow=$!
send source $G2 2 --rate $slow >/dev/null
is_told A "RPF ($S,$G2) $p1"
tell B probe 239.255.9.9 $p2 100 # while A's answer is waited for
is_told C "CREATION ($S,$G2) $p1 to $p3"
gets receiver1 $G2 2
gets receiver2 $G2 2
log_has router 'event 60001: protocol 1073741855 .* has not answered in 1000 ms' || fail "no log line about A"
log_has router 'event 60001: protocol 1073741857 .* has not answered in 1000 ms' || fail "no log line about C"

tell B add $any 239.255.3.9 $p2 $join
send source 239.255.3.9 2 --rate $slow >/dev/null # A is not asked again
gets receiver1 239.255.3.9 2
expect "times that A was asked" "$(count_of A RPF)" -eq 2
wait $flow
gets receiver1 $G 1010

tell A hang 0
tell C hang 0
wait_for "A and C hear the rest" told C "JOIN (*,239.255.3.9) TRUE"
send source 239.255.3.10 2 --rate $slow >/dev/null
is_told A "RPF ($S,239.255.3.10) $p1" # and answers again
finish_three
passed "protocols that hang hold up nobody else"
