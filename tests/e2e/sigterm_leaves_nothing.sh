#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# After SIGTERM, with traffic flowing, nothing of mgmd is left: no socket, no runtime folder, no hugepage file, no
# device, no promiscuous link.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces
[ -z "${MGM_HUGE_DIR:-}" ] || needs_hugepages

three_hosts
configure router
three_interfaces net_af_packet1,iface=r1 net_tap2,iface=tap2 net_af_xdp3,iface=r3
sed -i 's/"-m", "192"/"-m", "256"/' "$toml"
start_mgmd router router
wait_until_up router p1 p3
ip netns exec "$id-source" python3 "$e2e/mcast_send.py" --interface eth0 --group $group4 --count 0 --rate 5000 \
    >"$files/sent" 2>"$files/source.log" &
helpers+=($!)
flows() { [ "$(value router "['verdicts']['forwarded']" counters)" -gt 1000 ]; }
wait_for "traffic flows" flows

stop_mgmd router

[ ! -e "$files/router.sock" ] || fail "the control socket is left"
[ ! -e "/var/run/dpdk/$id-router" ] || fail "the runtime folder is left: $(ls "/var/run/dpdk/$id-router")"
[ -z "${MGM_HUGE_DIR:-}" ] || ! compgen -G "$MGM_HUGE_DIR/$id-router*" >/dev/null || fail "hugepage files are left"
link router show tap2 >/dev/null 2>&1 && fail "the tap device is left"
link router show r1 | grep -q PROMISC && fail "r1 is still promiscuous"
link router show r3 | grep -q xdp && fail "an XDP program is left on r3"
passed "SIGTERM leaves nothing behind${MGM_HUGE_DIR:+, hugepage files included}"
