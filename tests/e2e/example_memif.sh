#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# apps/examples/memif_client.toml and memif_server.toml, one mgmd each, forward from host to host.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces
needs_hugepages

three_hosts
use_example second memif_server hugepages
use_example first memif_client hugepages
start_mgmd second router
start_mgmd first router
bridge_tap mclient r1
bridge_tap mserver r2
wait_until_up second link lan
wait_until_up first link lan

arrives_at receiver1 233.252.0.7
stop_mgmd first
stop_mgmd second
passed "apps/examples/memif_client.toml with memif_server.toml"
