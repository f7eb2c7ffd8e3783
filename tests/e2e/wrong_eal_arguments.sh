#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What keeps EAL from starting is one line that says what is wrong, not a page of usage; nothing is left behind.
. "$(dirname "$0")/lib.sh"

ends_with() { # STATUS WORKERS ARGS PATTERN: mgmd with these [eal] args ends so, with one line that matches
    local status=0
    eal=$3
    configure router
    sed -i "s/^\[eal\]/workers = $2\n&/" "$toml"
    interface p1 11 net_null1,no-rx=1 198.51.100.1/28
    timeout 20 "$build/apps/mgmd" --config "$toml" >"$files/router.log" 2>&1 || status=$?
    expect "exit status with args $3" $status -eq "$1"
    grep -qE "$4" "$files/router.log" || fail "no line matches $4"
    expect "lines with args $3" "$(grep -vc '^mgm.eal: warning: EAL started' "$files/router.log")" -eq 1
    [ ! -e "/var/run/dpdk/$id-router" ] || fail "the runtime folder is left"
}
ends_with 2 1 '["--no-huge", "--no-pci", "--colour"]' "unrecognized option '--colour'"
ends_with 2 1 '["--no-huge", "--no-pci", "--lcores", "0@0,1@4095"]' 'EAL did not start with .*4095'
ends_with 2 2 '["--no-huge", "--no-pci", "-l", "0"]' '1 lcores, 3 wanted'
ends_with 3 1 '["--no-pci", "-m", "4194304"]' "4194304 MiB wanted; reserve them with 'sysctl vm.nr_hugepages=2097152'"
passed "wrong EAL arguments and missing hugepages: one clear line each"
