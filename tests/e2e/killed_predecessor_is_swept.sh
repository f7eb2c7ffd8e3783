#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What a killed mgmd left is removed by the next of its name; a second one beside a live one is refused.
. "$(dirname "$0")/lib.sh"

[ -z "${MGM_HUGE_DIR:-}" ] || needs_hugepages
configure router
interface p1 11 net_null1,no-rx=1 198.51.100.1/28
start_mgmd router
sed "s/router.sock/second.sock/" "$toml" >"$files/second.toml"

status=0
"$build/apps/mgmd" --config "$files/second.toml" >"$files/second.log" 2>&1 || status=$?
expect "exit status of a second mgmd of the same name" $status -eq 3
grep -q "is running already" "$files/second.log" || fail "no clear reason for the second mgmd's end"

kill -9 "${mgmd_pid[router]}"
wait "${mgmd_pid[router]}" 2>/dev/null || true
[ -e "/var/run/dpdk/$id-router" ] || fail "a killed mgmd cannot have cleaned up: the test is wrong"
start_mgmd router
log_has router 'removed [0-9]+ files of a predecessor that died' || fail "nothing about what the predecessor left"
stop_mgmd router
[ ! -e "/var/run/dpdk/$id-router" ] || fail "the runtime folder is left"
passed "a killed predecessor's files are swept, a live one is respected"
