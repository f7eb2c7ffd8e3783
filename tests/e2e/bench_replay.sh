#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmbench replay into a file: the frames of a capture, byte for byte, in their order, none before its time; as fast as can
# be; twice; and what it says to files that cannot be replayed.
. "$(dirname "$0")/lib.sh"
. "$e2e/mgmbench.sh"

pcap write "$files/in.pcap" 300 # a microsecond apart
# Gaps of 0 to 2 ms.
python3 - "$files" <<'PY'
import struct, sys
folder = sys.argv[1]
octets = open(folder + "/in.pcap", "rb").read()
at, number, time, out = 24, 0, 1_700_000_000_999_000, [octets[:24]]
while at < len(octets):
    kept = struct.unpack("<I", octets[at + 8:at + 12])[0]
    out.append(struct.pack("<II", time // 1_000_000, time % 1_000_000) + octets[at + 8:at + 16 + kept])
    at, number, time = at + 16 + kept, number + 1, time + number * 137 % 2001
open(folder + "/paced.pcap", "wb").write(b"".join(out))
open(folder + "/backwards.pcap", "wb").write(b"".join([out[0], out[9], out[8]]))
open(folder + "/empty.pcap", "wb").write(out[0])
open(folder + "/raw_ip.pcap", "wb").write(out[0][:20] + struct.pack("<I", 101) + out[1])
open(folder + "/long.pcap", "wb").write(out[0] + struct.pack("<IIII", 0, 0, 20000, 20000) + bytes(20000))
open(folder + "/text.pcap", "w").write("no capture, but long enough to be one\n")
PY
replay() { # FILE OUT OPTIONS…
    bench replay "$files/$1.pcap" --port "net_pcap0,tx_pcap=$files/$2.pcap" --json "${@:3}" >"$files/$2.json" 2>"$files/replay.log" ||
        fail "replay of $1 does not end well"
}
# compare IN OUT LOOPS [SPEED]: frames of OUT are those of IN, LOOPS times, in their order; with SPEED it took as long as the
# capture at least.
compare() {
    python3 - "$files/$1.pcap" "$files/$2" "$3" "${4:-0}" <<'PY' || fail "$2 is not a replay of $1"
import json, struct, sys
def frames(path):
    octets, at = open(path, "rb").read(), 24
    while at < len(octets):
        s, us, kept, _ = struct.unpack("<IIII", octets[at:at + 16])
        yield (s, us), octets[at + 16:at + 16 + kept] # nanoseconds in what the driver writes
        at += 16 + kept
before, after = list(frames(sys.argv[1])), list(frames(sys.argv[2] + ".pcap"))
loops, speed = int(sys.argv[3]), float(sys.argv[4])
assert [o for _, o in after] == [o for _, o in before] * loops, "octets or order"
times = [t for t, _ in after]
assert times == sorted(times), "times go back"
(s0, us0), (s1, us1) = before[0][0], before[-1][0]
captured = (s1 - s0 + (us1 - us0) / 1e6) * loops
took = json.load(open(sys.argv[2] + ".json"))["seconds"]
assert not speed or took >= captured / speed, ("too fast", took, captured)
PY
}
replay paced out
compare paced out 1 1
expect "frames sent" "$(of_json out.json sent)" -eq 300
expect "frames whose lateness is known" "$(python3 -c "import json; print(json.load(open('$files/out.json'))['lateness_ns']['count'])")" -eq 300
replay paced slow --speed 0.5
compare paced slow 1 0.5
replay paced twice --loops 2 --speed 4
compare paced twice 2 4
replay backwards fast --speed max
compare backwards fast 1

# refuses NAME PATTERN OPTIONS…: status 2, and says why
refuses() {
    local status=0
    bench replay "$files/$1.pcap" --port "net_pcap0,tx_pcap=$files/none.pcap" "${@:3}" >"$files/refused.log" 2>&1 || status=$?
    expect "exit status for $1" "$status" -eq 2
    grep -qE -- "$2" "$files/refused.log" || fail "the words for $1"
}
refuses text "text.pcap' is no capture that can be read"
refuses missing "missing.pcap' is no capture that can be read: .*No such file"
refuses empty "empty.pcap' holds no frame"
refuses raw_ip "link type .*, not Ethernet"
refuses long "frame 1: 20000 octets are more than the 9014 that a buffer holds"
refuses backwards "frame 2: its time is .* ns before that of frame 1"
refuses paced "--speed 'warp': want a number" --speed warp
passed "a capture is replayed byte for byte, in order and not before its time"
