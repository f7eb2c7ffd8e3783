#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# T18: the answer to RPF moves the entry to another interface of that protocol; the packet that was held came in on the
# wrong one then. Somebody else's interface is no answer.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

three_protocols
tell B release $p2
tell A take $p2
tell C add $any $G $p3 $join
tell C add $any $G2 $p3 $join
receive receiver2 -- $G $G2

wrong_iif_is() { [ "$(value router "['verdicts']['wrong_iif']" counters)" -eq "$1" ]; }
outcome A rpf $p2
send source $G 1 >/dev/null
is_told A "RPF ($S,$G) $p1"
is_told C "CREATION ($S,$G) $p2 to $p3"
mfe_is $S $G "in $p2 of protocol 0x4000001f, out $p3, time-out 900"
wait_for "the held packet is a wrong interface's" wrong_iif_is 1
expect "packets that went out" "$(received receiver2 $G packets)" -eq 0
expect "times that A is told of a wrong interface" "$(count_of A WRONG_IF)" -eq 0

outcome A rpf $p3 # C's
send source $G2 $count --rate $slow >/dev/null
mfe_is $S $G2 "in $p1 of protocol 0x4000001f, out $p3, time-out 900"
gets receiver2 $G2 $count
log_has router 'answers RPF with if37, which is not its own' || fail "no log line about the answer that was refused"
finish_three
passed "T18: RPF moves an entry within its protocol, and no further"
