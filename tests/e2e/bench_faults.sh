#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmbench rx on files in which packets of mgmbench tx were dropped, doubled, swapped or spoiled on purpose: it reports
# each as exactly that. And the same seed sends the same packets.
. "$(dirname "$0")/lib.sh"
. "$e2e/mgmbench.sh"

record() { # FILE OPTIONS…
    bench tx --port "net_pcap0,tx_pcap=$files/$1.pcap" --packets 600 --groups 4 --size 64,200 "${@:2}" >"$files/tx.log" 2>&1 ||
        fail "tx into a file does not end well"
}
# spoil IN OUT STATEMENT: of Python, on the list `frames`
spoil() {
    python3 - "$files/$1.pcap" "$files/$2.pcap" "$3" <<'PY'
import struct, sys
before, after, statement = sys.argv[1:]
octets = open(before, "rb").read()
frames, at = [], 24
while at < len(octets):
    kept = struct.unpack("<I", octets[at + 8:at + 12])[0]
    frames.append(bytearray(octets[at:at + 16 + kept]))
    at += 16 + kept
flow = lambda k: bytes(frames[k][16 + 44:16 + 48])  # behind the magic
next_of_flow = lambda k: next(j for j in range(k + 1, len(frames)) if flow(j) == flow(k))
exec(statement)
open(after, "wb").write(octets[:24] + b"".join(frames))
PY
}
# rx_reads FILE STATUS FIELD=NUMBER…
rx_reads() {
    local status=0
    bench rx --port "net_pcap0,rx_pcap=$files/$1.pcap" --json >"$files/$1.json" 2>"$files/rx.log" || status=$?
    expect "exit status of rx on $1" "$status" -eq "$2"
    came "$1" "${@:3}"
}

record right
rx_reads right 0 received=600 lost=0 duplicated=0 reordered=0 corrupted=0 too_old=0 flows=4 ended_flows=4
spoil right dropped 'del frames[300]'
rx_reads dropped 1 received=599 lost=1 duplicated=0 reordered=0 corrupted=0
spoil right doubled 'frames.insert(301, frames[300])'
rx_reads doubled 1 received=600 lost=0 duplicated=1 reordered=0 corrupted=0
spoil right swapped 'j = next_of_flow(300); frames[300], frames[j] = frames[j], frames[300]'
rx_reads swapped 1 received=600 lost=0 duplicated=0 reordered=1 corrupted=0
spoil right spoiled 'frames[300][-1] ^= 4'
rx_reads spoiled 1 received=599 lost=1 duplicated=0 reordered=0 corrupted=1
spoil right all_four 'frames[500][70] ^= 1; j = next_of_flow(400); frames[400], frames[j] = frames[j], frames[400]
frames.insert(301, frames[300]); del frames[100]'
rx_reads all_four 1 received=598 lost=2 duplicated=1 reordered=1 corrupted=1
spoil right cut_off 'del frames[550:600]' # the end marks tell
rx_reads cut_off 1 received=550 lost=50 duplicated=0 reordered=0 corrupted=0
spoil right others 'frames[300:300] = [frames[300][:16] + bytes(len(frames[300]) - 16)] * 3'
rx_reads others 0 received=600 lost=0 other=3

# But for the time in them, and the checksum over it.
record again
record different --seed 2
timeless='import hashlib; print(hashlib.sha256(b"".join(bytes(f[8:16] + f[16:16 + 40] + f[16 + 42:16 + 52] + f[16 + 60:]) for f in frames)).hexdigest(), file=open(after + ".sum", "w"))'
for file in right again different; do spoil $file $file.copy "$timeless"; done
cmp -s "$files/right.copy.pcap.sum" "$files/again.copy.pcap.sum" || fail "the same seed sends other packets"
! cmp -s "$files/right.copy.pcap.sum" "$files/different.copy.pcap.sum" || fail "another seed sends the same packets"
passed "dropped, doubled, swapped and spoiled packets are reported as exactly that"
