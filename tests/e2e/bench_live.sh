#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmbench run with packets from a capture, whatever is in it, and over rings: each packet ends in a verdict, each copy is
# accounted for, and what cannot be forwarded is told by its reason.
. "$(dirname "$0")/lib.sh"
. "$e2e/mgmbench.sh"

pcap write "$files/right.pcap" 40
python3 - "$files" <<'PY'
import random, struct, sys
folder = sys.argv[1]
octets = open(folder + "/right.pcap", "rb").read()
frames, at = [], 24
while at < len(octets):
    kept = struct.unpack("<I", octets[at + 8:at + 12])[0]
    frames.append(octets[at + 16:at + 16 + kept])
    at += 16 + kept
def write(name, frames):
    with open(f"{folder}/{name}.pcap", "wb") as file:
        file.write(octets[:24])
        for frame in frames:
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
tagged = lambda frame, *vlans: frame[:12] + b"".join(struct.pack("!HH", 0x8100, vlan) for vlan in vlans) + frame[12:]
first = frames[0]
mixed = frames[:10]  # 10 forwarded, of two flows
mixed += [tagged(frame, 100) for frame in frames[:5]]  # 5 forwarded, of the same flows
mixed += [tagged(first, 100, 7)]  # vlan_stacked
mixed += [first[:length] for length in (0, 5, 13, 20, 33)]  # err_short
mixed += [first[:12] + b"\x08\x06" + first[14:]]  # non_ip
mixed += [first[:14] + b"\x65" + first[15:]]  # hdr_version
mixed += [first[:24] + bytes([first[24] ^ 1]) + first[25:]]  # hdr_csum
write("mixed", mixed)
random.seed(7)
write("noise", [random.randbytes(random.choice((0, 3, 14, 17, 60, 1400))) for _ in range(400)]
      + [bytes(random.choice(frames)[:random.randrange(80)]) for _ in range(400)])
PY
# run_json NAME OPTIONS…: NAME.json
run_json() {
    bench run --seconds 0.05 --json "${@:2}" >"$files/$1.json" 2>"$files/run.log" || fail "run $1 does not end well"
}
# holds NAME EXPRESSION: of Python, for each trial `t`
holds() {
    python3 - "$files/$1.json" "$2" <<'PY' || fail "$1: $2 does not hold"
import json, sys
result = json.load(open(sys.argv[1]))
assert all(t["valid"] and t["received"] > 0 for t in result["trials"]), result
for t in result["trials"]:
    assert eval(sys.argv[2]), t
PY
}
run_json mixed --repeats 2 --ingress "pcap:$files/mixed.pcap" --fan-out 3
holds mixed 't["offered"] == t["received"] == sum(t["verdicts"].values())'
holds mixed 'set(t["verdicts"]) == {"forwarded", "vlan_stacked", "err_short", "non_ip", "hdr_version", "hdr_csum"}'
# The file again and again, and the last time in part.
holds mixed 'abs(t["verdicts"]["forwarded"] - t["received"] * 15 / 24) <= 15'
holds mixed 'abs(t["verdicts"]["err_short"] - t["received"] * 5 / 24) <= 5'
holds mixed 't["copies_sent"] == 3 * t["verdicts"]["forwarded"]'
expect "entries made of the capture" "$(of_json mixed.json entries)" -eq 2
expect "VLANs found in it, and none" "$(of_json mixed.json vlans)" -eq 2

run_json noise --repeats 2 --ingress "pcap:$files/noise.pcap" --fan-out 2 --mac own
holds noise 't["offered"] == t["received"] == sum(t["verdicts"].values())'

run_json rings --repeats 2 --ingress ring --sink ring --fan-out 3 --groups 50 --size 64,600 --mac own
holds rings 't["offered"] == t["received"] == sum(t["verdicts"].values())'
holds rings 't["drained"] == t["copies_sent"] == t["copies_wanted"] - sum(t["copy_drops"].values())'
holds rings 't["copies_wanted"] == 3 * t["received"]'

run_json ports --repeats 1 --ingress "net_pcap0,rx_pcap=$files/right.pcap" --sink "net_pcap1,tx_pcap=$files/out1.pcap" \
    "net_null9,no-rx=1" --groups 1
holds ports 't["verdicts"] == {"no_entry": 40} and t["copies_wanted"] == 0'

refuses() { # STATUS PATTERN OPTIONS…
    local status=0
    bench run "${@:3}" >"$files/refused.log" 2>&1 || status=$?
    expect "exit status of run ${*:3}" "$status" -eq "$1"
    grep -qE -- "$2" "$files/refused.log" || fail "the words for run ${*:3}"
}
refuses 2 "none.pcap' is no capture" --ingress "pcap:$files/none.pcap"
refuses 2 "28 sinks and the ingress are 58 DPDK ports" --ingress ring --sink ring --fan-out 28
refuses 2 "excludes" --ingress ring --scenario headline
refuses 3 "net_nothing7" --ingress net_nothing7 --fan-out 1
passed "packets of a capture, rings and ports end in verdicts, all of them, and copies add up"
