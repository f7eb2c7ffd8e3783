#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmd's command line as a script sees it: exit codes, what goes where, and --once over capture files.
# mgmd_cli.sh MGMD EXAMPLES_FOLDER; speaks TAP.
set -uo pipefail
mgmd=$(readlink -f "$1")
examples=$(readlink -f "$2")
files=$(mktemp -d "${TMPDIR:-/tmp}/mgm-cli.XXXXXX")
trap 'rm -rf "$files"' EXIT
cd "$files" || exit 1
number=0

# expect NAME STATUS PATTERN COMMAND…: COMMAND ends with STATUS and prints PATTERN
expect() {
    local name=$1 status=$2 pattern=$3 got=0 output
    shift 3
    number=$((number + 1))
    output=$(timeout 60 "$@" 2>&1 </dev/null) || got=$?
    if [ "$got" -eq "$status" ] && grep -qE -- "$pattern" <<<"$output"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        printf '# wanted status %s and "%s", got status %s:\n' "$status" "$pattern" "$got"
        tail -20 <<<"$output" | sed 's/^/#   /'
    fi
}
pcap_configuration() { # FILE PORT
    cat >"$1" <<TOML
[mgmd]
name = "cli-$$"
[eal]
args = ["--no-huge", "-m", "192", "--no-pci"]
[[interface]]
name = "p1"
index = 37
port = "$2"
addresses = ["198.51.100.1/28"]
[[interface]]
name = "p2"
index = 41
port = "net_pcap1,tx_pcap=$files/out.pcap"
[[route]]
group = "225.129.2.3"
iifs = ["p1"]
oifs = ["p2"]
TOML
}

# 34 packets to 225.129.2.3 with TTL 1..34, in Python's own words: no library needed
python3 - <<'PYTHON' || exit 1
import struct

def packet(ttl):
    header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 33, 7, 0, ttl, 17, 0, bytes([198, 51, 100, 2]), bytes([225, 129, 2, 3]))
    total = sum(struct.unpack('!10H', header))
    total = (total & 0xffff) + (total >> 16)
    header = header[:10] + struct.pack('!H', ~(total + (total >> 16)) & 0xffff) + header[12:]
    return bytes.fromhex('01005e010203' '020000000901' '0800') + header + struct.pack('!HHHH', 5, 6, 13, 0) + b'mouse'

with open('in.pcap', 'wb') as out:
    out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for ttl in range(1, 35):
        octets = packet(ttl)
        out.write(struct.pack('<IIII', 0, 0, len(octets), len(octets)) + octets)
PYTHON
pcap_configuration good.toml "net_pcap0,rx_pcap=$files/in.pcap"
pcap_configuration endless.toml "net_pcap0,rx_pcap=$files/in.pcap,infinite_rx=1"
pcap_configuration live.toml "net_af_packet0,iface=lo"
pcap_configuration missing.toml "net_pcap0,rx_pcap=$files/none.pcap"
head -c 100 in.pcap >short.pcap
pcap_configuration short.toml "net_pcap0,rx_pcap=$files/short.pcap"
sed 's/index = 41/index = 37\ncolour = 3/' good.toml >bad.toml
printf '[mgmd]\nname = ' >torn.toml

expect "help names every exit code" 0 '3  a resource is missing' "$mgmd" --help
expect "version is one line" 0 '^mgmd [0-9.]+$' "$mgmd" --version
expect "no arguments is a usage mistake" 2 'config is required' "$mgmd"
expect "an unknown option is a usage mistake" 2 'not expected' "$mgmd" --config good.toml --colour
expect "check and once exclude each other" 2 'exclud' "$mgmd" --config good.toml --check --once
expect "check accepts a good file" 0 'good.toml: 2 interfaces on 2 ports, 1 routes' "$mgmd" --config good.toml --check
expect "check lists an unknown key" 2 '^bad.toml:13:1: interface p2: unknown key colour' "$mgmd" --config bad.toml --check
expect "check lists every mistake" 2 'index 37 is taken by p1' "$mgmd" --config bad.toml --check
expect "a missing file is a configuration mistake" 2 'none.toml: cannot be opened' "$mgmd" --config none.toml
expect "a folder is no file" 2 'is a directory' "$mgmd" --config .
expect "what is not TOML has its place" 2 '^torn.toml:2:[0-9]+: not TOML' "$mgmd" --config torn.toml
"$mgmd" --config good.toml --print-config >printed.toml 2>/dev/null
expect "what print-config prints is a configuration" 0 'all right' "$mgmd" --config printed.toml --check
"$mgmd" --config printed.toml --print-config 2>/dev/null | tail -n +2 >again.toml
tail -n +2 printed.toml >first.toml
expect "what print-config prints is the same one" 0 '' cmp first.toml again.toml
expect "once refuses endless input" 2 'infinite_rx' "$mgmd" --config endless.toml --once
expect "once refuses live input" 2 'live' "$mgmd" --config live.toml --once
expect "once refuses a file that is not there" 2 'none.pcap' "$mgmd" --config missing.toml --once
expect "once refuses a capture that ends in a packet" 2 'short.pcap' "$mgmd" --config short.toml --once
expect "once forwards what may be forwarded" 0 'received 34 = forwarded 33 \+ dropped 1' "$mgmd" --config good.toml --once
expect "once leaves a complete capture" 0 '^2103$' stat -c %s out.pcap # 24, and 33 times 16 + 47
expect "once prints JSON" 0 '"forwarded": 33' "$mgmd" --config good.toml --once --json
expect "once leaves no socket and no runtime folder" 1 '' sh -c "ls -d /run/mgm/cli-$$.sock /var/run/dpdk/cli-$$ 2>/dev/null | grep ."
for example in "$examples"/*.toml; do
    expect "example ${example##*/} is right" 0 'all right' "$mgmd" --config "$example" --check
done
expect "an example's routes need no more than its pcap files" 0 'received 34 = forwarded 33' \
    "$mgmd" --config "$examples/pcap.toml" --once
echo "1..$number"
