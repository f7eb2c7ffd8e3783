#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# apps/examples/veth.toml does what it says: both receivers get the group, IPv6 only where the TTL suffices.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
use_example router veth
start_mgmd router router
wait_until_up router p1 p2 p3

receive receiver2 -- ff0e::db8:0:7
arrives_at receiver1 233.252.0.7 ff0e::db8:0:7
expect "packets with hop limit 16 at receiver2, behind threshold 16" "$(received receiver2 ff0e::db8:0:7 packets)" -eq 0
send source ff0e::db8:0:7 50 --ttl 17 >/dev/null
wait_for "receiver2 has those with hop limit 17" has_received receiver2 ff0e::db8:0:7 50
stop_mgmd router
passed "apps/examples/veth.toml"
