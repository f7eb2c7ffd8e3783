# SPDX-License-Identifier: BSD-3-Clause
"""What must hold after a run: frames octet by octet, counters, sums, checksums, dissection."""
import subprocess

import lab
import pcap

# Frames that may belong to no interface: their verdicts are compared in the totals.
NOBODYS = ("vlan_unknown", "vlan_stacked", "err_short")


def show(frame):
    """Octets and scapy's view of a frame."""
    from scapy.layers import inet, inet6  # noqa: F401 (what Ether dissects)
    from scapy.layers.l2 import Ether  # a second to load: only when something is wrong

    lines = [f"  {len(frame)} octets: {frame[:96].hex(' ')}{' …' if len(frame) > 96 else ''}"]
    return lines + ["  " + line for line in Ether(frame).show(dump=True).splitlines()[:45]]


def flow_of(frame):
    """Source and group of an IP packet, with the tag it has; sorting by it keeps each flow's order."""
    tags = 4 if frame[12:14] == b"\x81\x00" else 0
    start, octets = (26, 8) if frame[12 + tags:14 + tags] == b"\x08\x00" else (22, 32)
    return frame[12:12 + tags] + frame[start + tags:start + tags + octets]


def frames(slot):
    problems = []
    for port, got in lab.outputs(slot).items():
        wanted = slot.case["out"].get(port, [])
        if not slot.case["ordered"] or (slot.workers > 1 and len(slot.case["in"]) > 1):
            wanted, got = sorted(wanted), sorted(got)
        elif slot.workers > 1:  # each flow has a worker, so it has an order; two flows have none
            wanted, got = sorted(wanted, key=flow_of), sorted(got, key=flow_of)
        if wanted == got:
            continue
        first = next((i for i, (w, g) in enumerate(zip(wanted, got)) if w != g), min(len(wanted), len(got)))
        problems.append(f"port {port}: {len(got)} frames, {len(wanted)} wanted; first difference at {first}")
        for title, side in (("wanted", wanted), ("got", got)):
            problems += [f" {title}:"] + (show(side[first]) if first < len(side) else ["  nothing"])
    return problems


def compare(title, wanted, got):
    wanted, got = ({k: v for k, v in side.items() if v} for side in (wanted, got))
    return [] if wanted == got else [f"{title}: {got}, wanted {wanted}"]


def counters_of(slot, counters):
    problems = []
    for interface in slot.case["interfaces"]:
        name = interface["name"]
        row = counters.interface(slot.interface_name(name))
        wanted = {k: v for k, v in slot.case["verdicts"].get(name, {}).items() if k not in NOBODYS}
        got = {k: v for k, v in row["verdicts"].items() if k not in NOBODYS}
        problems += compare(f"verdicts of {name}", wanted, got)
        problems += compare(f"copies of {name}", slot.case["copies"].get(name, {}),
                            {"wanted": row["copies_wanted"], "sent": row["copies_sent"], **row["copy_drops"]})
    return problems


def sum_of(dicts):
    total = {}
    for counters in dicts:
        for name, n in counters.items():
            total[name] = total.get(name, 0) + n
    return total


def totals(batch, counters):
    wanted = sum_of(v for case in batch for v in case["verdicts"].values())
    events = sum_of(case["events"] for case in batch)
    received = sum(len(f) for case in batch for f in case["in"].values())
    return compare("verdicts in total", wanted, counters.verdicts) + \
        compare("events", events, counters.events) + \
        compare("frames", {"received": received}, {"received": counters.received})


def identities(counters):
    """Every frame has one verdict, every copy one fate; in the rows and in the totals."""
    problems = []
    for name, row in counters.rows.items():
        if row["in_frames"] != sum(row["verdicts"].values()):
            problems.append(f"{name}: received {row['in_frames']}, verdicts {row['verdicts']}")
        if row["copies_wanted"] != row["copies_sent"] + sum(row["copy_drops"].values()):
            problems.append(f"{name}: wanted {row['copies_wanted']} copies, sent {row['copies_sent']}, "
                            f"lost {row['copy_drops']}")
    if counters.received != sum(counters.verdicts.values()):
        problems.append(f"received {counters.received}, verdicts {counters.verdicts}")
    rows = sum_of(row["verdicts"] for row in counters.rows.values())
    return problems + compare("verdicts in the rows", counters.verdicts, rows)


TSHARK = ["tshark", "-n", "-o", "ip.check_checksum:TRUE", "-o", "ip.defragment:FALSE",
          "-o", "ipv6.defragment:FALSE", "-T", "fields", "-e", "frame.number", "-e", "_ws.malformed",
          "-e", "ip.checksum.status", "-e", "icmpv6.type", "-e", "icmpv6.checksum.status"]
BAD, PACKET_TOO_BIG, PARAMETER_PROBLEM = "0", "2", "4"


def complaint(fields, is_garbage):
    """What tshark says against one frame."""
    malformed, checksum4, icmp_type, icmp_checksum = (fields + [""] * 4)[:4]
    if malformed and not is_garbage:
        return "malformed"
    if checksum4.split(",")[0] == BAD:
        return "bad IPv4 checksum"
    if icmp_type.split(",")[0] in (PACKET_TOO_BIG, PARAMETER_PROBLEM) and not is_garbage \
            and icmp_checksum.split(",")[0] == BAD:
        return "bad ICMPv6 checksum"
    return None


def dissect(cases, folder):
    """tshark's complaints about what left: case name -> lines."""
    origin = {}
    for case in cases:
        for frame in case.get("got", []):
            origin.setdefault(frame, case)
    if not origin:
        return {}
    path = folder / "everything.pcap"
    pcap.write(path, list(origin))
    done = subprocess.run(TSHARK + ["-r", str(path)], capture_output=True, text=True, check=True)
    complaints = {}
    for (frame, case), line in zip(origin.items(), done.stdout.splitlines(), strict=True):
        what = complaint(line.split("\t")[1:], case["garbage"])
        if what:
            complaints.setdefault(case["name"], []).extend([f"tshark: {what}"] + show(frame))
    return complaints
