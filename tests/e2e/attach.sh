#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmctl dump --attach reads the tables of a running, a stopped (SIGSTOP) and a killed mgmd within 10 s, and says within
# 2 s that there is none.
. "$(dirname "$0")/lib.sh"
needs_hugepages

configure router
interface p1 11 net_null1,no-rx=1 198.51.100.1/28
interface p2 22 net_null2,no-rx=1 198.51.100.17/28
route 198.51.100.2 239.255.3.7 p1 p2
start_mgmd router

dump() { # SECONDS
    timeout "$1" "$build/apps/mgmctl" --instance "$id-router" dump --attach
}
shows_the_route() { # SITUATION
    dump 10 >"$files/dump" 2>"$files/dump.log" || fail "dump of $1 mgmd ended with $?"
    grep -q 239.255.3.7 "$files/dump" || fail "dump of $1 mgmd lacks the route: $(cat "$files/dump")"
}
shows_the_route "a running"
kill -STOP "${mgmd_pid[router]}"
shows_the_route "a stopped"
kill -CONT "${mgmd_pid[router]}"
kill -9 "${mgmd_pid[router]}"
wait "${mgmd_pid[router]}" 2>/dev/null || true
shows_the_route "a killed"

status=0
timeout 2 "$build/apps/mgmctl" --instance "$id-nobody" dump --attach >"$files/none.log" 2>&1 || status=$?
expect "exit status without an mgmd (124: it took longer than 2 s)" $status -ne 0
expect "exit status without an mgmd (124: it took longer than 2 s)" $status -ne 124
passed "attach: a running, a stopped and a killed mgmd, and none at all"
