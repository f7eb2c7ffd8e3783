#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# apps/examples/tap.toml forwards between the two devices that mgmd makes.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
use_example router tap
start_mgmd router router
bridge_tap t1 r1
bridge_tap t2 r2
wait_until_up router t1 t2

arrives_at receiver1 233.252.0.7
stop_mgmd router
passed "apps/examples/tap.toml"
