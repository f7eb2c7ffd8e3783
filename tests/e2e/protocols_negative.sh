#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# T20, T21: a group that nobody wants gets a negative entry: workers drop what follows without asking again. The receiver
# that comes finds it and makes it forward. One on the incoming interface alone changes nothing.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

three_protocols
outcome A prune 60
receive receiver1 -- $G2

send source $G2 $count --rate $slow >/dev/null
is_told A "RPF ($S,$G2) $p1"
is_told A "PRUNE ($S,$G2) $p1 FALSE 900"
mfe_is $S $G2 "in $p1 of protocol 0x4000001f, out, time-out 60"
send source $G2 $count --first $count >/dev/null
wait_for "the entry has dropped all" stats_are $S $G2 "in $((2 * count)), different-if 0, negative $((2 * count)), out 0"
expect "times that A was asked" "$(count_of A RPF)" -eq 1

tell B add $any $G2 $p2 $join
is_told A "JOIN (*,$G2) TRUE"
is_told C "JOIN (*,$G2) TRUE"
is_told A "JOIN ($S,$G2) FALSE"
mfe_is $S $G2 "in $p1 of protocol 0x4000001f, out $p2, time-out 900"
send source $G2 $count --first $((2 * count)) >/dev/null
gets receiver1 $G2 $count
wait_for "what it dropped and what p2 was given are told apart" stats_are $S $G2 \
    "in $((3 * count)), different-if 0, negative $((2 * count)), out $count, $p2: $count and 0 lost"
tell B delete $any $G2 $p2 $join
is_told C "PRUNE (*,$G2) $p2 TRUE 900"
wait_for "A is told again" more_than 1 A "PRUNE ($S,$G2) $p1 FALSE 900"
mfe_is $S $G2 "in $p1 of protocol 0x4000001f, out, time-out 60"

# T21: A's own interface is where the data comes from.
tell A add $any $G $p1 $join
send source $G 20 >/dev/null
is_told A "PRUNE ($S,$G) $p1 FALSE 900"
mfe_is $S $G "in $p1 of protocol 0x4000001f, out, time-out 60"
finish_three
passed "T20, T21: negative entries"
