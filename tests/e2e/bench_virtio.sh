#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmbench tx to mgmbench rx over virtio-user and vhost, two processes: everything comes once, in order, unchanged; both
# families; and what was sent is what was asked for.
. "$(dirname "$0")/lib.sh"
. "$e2e/mgmbench.sh"

for family in 4 6; do
    link=$files/link$family.sock
    start_rx "rx$family" "net_vhost0,iface=$link"
    bench tx --port "net_virtio_user0,path=$link" --packets 3000 --rate 3000 --groups 7 --sources 3 \
        --size 100,1400 --family $family --json >"$files/tx$family.json" 2>"$files/tx.log" ||
        [ "$(of_json "tx$family.json" is_short)" = True ] || fail "tx does not end well"
    end_of_rx "rx$family" 0
    expect "packets sent" "$(of_json "tx$family.json" sent)" -eq 3000
    expect "flows sent" "$(of_json "tx$family.json" flows)" -eq 21
    came "rx$family" received=3000 lost=0 duplicated=0 reordered=0 corrupted=0 too_old=0 flows=21 ended_flows=21
done
passed "tx to rx over virtio-user and vhost: 3000 packets of each family, each once, in order"
