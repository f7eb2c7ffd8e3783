#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# apps/examples/af_xdp.toml forwards.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
use_example router af_xdp
start_mgmd router router
wait_until_up router p1 p2

arrives_at receiver1 233.252.0.7
stop_mgmd router
passed "apps/examples/af_xdp.toml"
