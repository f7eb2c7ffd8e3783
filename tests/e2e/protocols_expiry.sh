#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# T22, T23: a packet on the wrong interface is told once; an entry whose time is up goes without a word, and the next packet
# makes it again.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

toml_extra='[manager]
mfe_timeout_s = 3
wrong_if_interval_ms = 3600000'
three_protocols
tell B add $any $G $p2 $join
receive receiver1 -- $G
send source $G 20 --rate $slow >/dev/null
gets receiver1 $G 20

ip -n "$id-receiver2" address add $S/32 dev eth0 # the same source on another cable: a spoofed packet, or a loop
in_ns receiver2 python3 "$e2e/mcast_send.py" --interface eth0 --group $G --source $S --count 50 >/dev/null
is_told C "WRONG_IF ($S,$G) $p3, whole header"
gone() {
    look A mfe $S $G
    [ "$answer" = 1168 ]
}
alerts() { grep -cE '^[ABC]: (JOIN|PRUNE)' "$files/router.log" || true; }
before=$(alerts)
wait_for "the entry has gone" gone
expect "more alerts" "$(alerts)" -eq "$before"

send source $G 20 --first 20 --rate $slow >/dev/null
gets receiver1 $G 40
expect "times that A was asked" "$(count_of A "RPF ($S,$G) $p1")" -eq 2
expect "times that C was told" "$(count_of C WRONG_IF)" -eq 1
finish_three
passed "T22, T23: wrong interface, expiry"
