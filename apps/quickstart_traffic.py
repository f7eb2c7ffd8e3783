#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The traffic of apps/quickstart.sh, and what became of it.

show     sends from one namespace, receives in two, prints a line a second, then the verdict
send     (in the source's namespace) UDP to two routed groups and to one without a route
receive  (in a receiver's namespace) joins the groups with ordinary sockets and counts
write    the same packets into a pcap file
check    compares what left with what came in, from pcap files
"""
import argparse
import json
import os
import select
import shlex
import socket
import struct
import subprocess
import sys
import time

GROUPS = {"IPv4": "233.252.0.7", "IPv6": "ff0e::db8:0:7"}
SOURCES = {"IPv4": "198.51.100.2", "IPv6": "2001:db8:1::2"}
UNROUTED = "233.252.0.99"  # nobody configured a route for it
PORT = 5007
IP_RECVTTL = 12  # linux/in.h; Python has no name for it
TTL = 16
RATE = 1000  # packets a second and family
UNROUTED_EVERY = 100
FILE_PACKETS = 1000


def payload(number):
    return struct.pack("!Q", number) + bytes((number + i) & 0xFF for i in range(192))


# --- in the namespaces --------------------------------------------------------------------------


def open_senders():
    device = socket.if_nametoindex("eth0")
    four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    four.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", b"", b"", device))
    four.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, TTL)
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, device)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, TTL)
    return four, six


def send(seconds):
    four, six = open_senders()
    sent = {"IPv4": 0, "IPv6": 0, "unrouted": 0}
    total = seconds * RATE
    begun = said = time.monotonic()
    while sent["IPv4"] < total:
        due = min(total, int((time.monotonic() - begun) * RATE) + 1)
        for number in range(sent["IPv4"], due):
            four.sendto(payload(number), (GROUPS["IPv4"], PORT))
            six.sendto(payload(number), (GROUPS["IPv6"], PORT))
            if number % UNROUTED_EVERY == 0:
                four.sendto(payload(number), (UNROUTED, PORT))
                sent["unrouted"] += 1
        sent["IPv4"] = sent["IPv6"] = due
        if time.monotonic() - said > 0.1:
            said = time.monotonic()
            print(json.dumps(sent), flush=True)
        time.sleep(0.002)
    print(json.dumps(sent), flush=True)


def open_receivers():
    device = socket.if_nametoindex("eth0")
    four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    four.bind((GROUPS["IPv4"], PORT))
    four.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                    struct.pack("4s4si", socket.inet_aton(GROUPS["IPv4"]), b"", device))
    four.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    six.bind((GROUPS["IPv6"], PORT))
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                   socket.inet_pton(socket.AF_INET6, GROUPS["IPv6"]) + struct.pack("@I", device))
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
    for one in (four, six):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    return {four: "IPv4", six: "IPv6"}


def receive():
    """Until its input ends. `wrong` counts what arrived twice, late, changed, or with another TTL."""
    sockets = open_receivers()
    got = {"IPv4": 0, "IPv6": 0, "wrong": 0}
    expected = {"IPv4": 0, "IPv6": 0}
    print(json.dumps(got), flush=True)
    said = time.monotonic()
    while True:
        ready, _, _ = select.select([*sockets, sys.stdin], [], [], 0.1)
        if sys.stdin in ready and not sys.stdin.read(1):
            break
        for one in ready:
            if one is sys.stdin:
                continue
            family = sockets[one]
            data, ancillary, _, _ = one.recvmsg(2048, 64)
            number = struct.unpack_from("!Q", data)[0]
            ttl = struct.unpack_from("@i", ancillary[0][2])[0]
            intact = data == payload(number) and ttl == TTL - 1 and number >= expected[family]
            got[family if intact else "wrong"] += 1
            expected[family] = max(expected[family], number + 1)
        if time.monotonic() - said > 0.1:
            said = time.monotonic()
            print(json.dumps(got), flush=True)
    print(json.dumps(got), flush=True)


# --- outside ------------------------------------------------------------------------------------


class Child:
    """A copy of this program in a namespace, and the last line it wrote."""

    def __init__(self, namespace, *arguments):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, sys.executable, os.path.abspath(__file__), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""
        self.last = None

    def latest(self):
        self.text += self.process.stdout.read() or b""
        *lines, self.text = self.text.split(b"\n")
        if lines:
            self.last = json.loads(lines[-1])
        return self.last

    def running(self):
        return self.process.poll() is None

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        return self.latest()


class Router:
    """mgmd, seen through mgmctl."""

    def __init__(self, mgmctl, pid):
        self.mgmctl = shlex.split(mgmctl)
        self.pid = pid

    def ask(self, *what):
        answer = subprocess.run([*self.mgmctl, "show", *what, "--json"], capture_output=True,
                                text=True, timeout=10)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def wait_until_up(self, deadline=30):
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            if not os.path.exists(f"/proc/{self.pid}"):
                sys.exit("mgmd ended before its ports were up")
            interfaces = self.ask("interfaces")
            if interfaces and all(one["state"] == "up" for one in interfaces["interfaces"]):
                return
            time.sleep(0.1)
        sys.exit(f"mgmd's ports are not up after {deadline} s")

    def counters(self):
        counters = self.ask("counters") or sys.exit("mgmctl cannot ask mgmd")
        copies = {one["name"]: one["copies_sent"] for one in counters["interfaces"]}
        return {"p2": copies.get("p2", 0), "p3": copies.get("p3", 0),
                "no_entry": counters["verdicts"]["no_entry"]}


HEADING = """
          the source sent      mgmd copied to       receiver 1 got       receiver 2 got
 time       IPv4     IPv6        p2       p3        IPv4     IPv6        IPv4     IPv6"""


def row(seconds, sent, copied, first, second):
    return (f"{seconds:3d} s  {sent['IPv4']:8d} {sent['IPv6']:8d}  {copied['p2']:8d} {copied['p3']:8d}"
            f"    {first['IPv4']:8d} {first['IPv6']:8d}    {second['IPv4']:8d} {second['IPv6']:8d}")


def watch(source, receivers, router):
    """Prints a line a second (on a terminal also in between) until the source is done."""
    begun = time.monotonic()
    printed = 0
    while source.running():
        time.sleep(0.2)
        second = int(time.monotonic() - begun)
        if not source.latest() or (second == printed and not sys.stdout.isatty()):
            continue
        line = row(second, source.last, router.counters(), *(one.latest() for one in receivers))
        print(f"\r{line}" if sys.stdout.isatty() else line,
              end="" if sys.stdout.isatty() and second == printed else "\n", flush=True)
        printed = second
    return int(time.monotonic() - begun)


def settle(receivers, router, sent, deadline=5):
    """What is still under way arrives, or the deadline passes."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        copied = router.counters()
        wanted = sent["IPv4"] + sent["IPv6"]
        if all(one.latest()["IPv4"] + one.last["IPv6"] >= wanted for one in receivers) and \
                min(copied["p2"], copied["p3"]) >= wanted:
            break
        time.sleep(0.1)


def show(namespaces, seconds, mgmctl, pid):
    router = Router(mgmctl, pid)
    router.wait_until_up()
    receivers = [Child(f"{namespaces}-receiver{n}", "receive") for n in (1, 2)]
    while not all(one.latest() for one in receivers):
        if not all(one.running() for one in receivers):
            sys.exit("a receiver could not start")
        time.sleep(0.05)
    print(HEADING)
    source = Child(f"{namespaces}-source", "send", str(seconds))
    took = watch(source, receivers, router)
    sent = source.latest()
    settle(receivers, router, sent)
    copied = router.counters()
    got = [one.stop() for one in receivers]
    print(("\r" if sys.stdout.isatty() else "") + row(took, sent, copied, *got) + "   at rest")
    return verdict(sent, copied["no_entry"], got)


def verdict(sent, no_entry, got):
    good = no_entry == sent["unrouted"]
    print()
    for number, one in enumerate(got, 1):
        missing = sum(sent[family] - one[family] for family in GROUPS)
        good = good and missing == 0 and one["wrong"] == 0
        print(f"receiver {number}: {one['IPv4'] + one['IPv6']} of {sent['IPv4'] + sent['IPv6']} packets, each once, "
              f"in order, unchanged, TTL {TTL} -> {TTL - 1}; {missing} missing, {one['wrong']} wrong")
    print(f"{sent['unrouted']} more went to {UNROUTED}, which has no route: "
          f"mgmd dropped {no_entry} as no_entry")
    print("\nVERDICT: " + ("mgmd replicated every packet to both receivers." if good
                           else "FAILED: see the lines above."))
    return 0 if good else 1


# --- files --------------------------------------------------------------------------------------

PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(family, group, number, ttl=TTL):
    """What a kernel would have put on the wire."""
    data = payload(number)
    source = SOURCES[family]
    inet = socket.AF_INET if family == "IPv4" else socket.AF_INET6
    addresses = socket.inet_pton(inet, source) + socket.inet_pton(inet, group)
    udp = struct.pack("!HHHH", PORT, PORT, 8 + len(data), 0)
    pseudo = addresses + struct.pack("!II", 8 + len(data), socket.IPPROTO_UDP)
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp + data) or 0xFFFF) + data
    sender = bytes.fromhex("020000000102")
    if family == "IPv6":
        header = struct.pack("!IHBB", 6 << 28, len(udp), socket.IPPROTO_UDP, ttl) + addresses
        return b"\x33\x33" + addresses[-4:] + sender + b"\x86\xdd" + header + udp
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), number & 0xFFFF, 0x4000, ttl,
                         socket.IPPROTO_UDP, 0)
    header = header[:10] + struct.pack("!H", checksum(header + addresses)) + addresses
    mac = b"\x01\x00\x5e" + bytes([addresses[5] & 0x7F]) + addresses[6:8]
    return mac + sender + b"\x08\x00" + header + udp


def frames_to_send():
    for number in range(FILE_PACKETS):
        yield frame("IPv4", GROUPS["IPv4"], number)
        yield frame("IPv6", GROUPS["IPv6"], number)
        if number % UNROUTED_EVERY == 0:
            yield frame("IPv4", UNROUTED, number)


def write(path):
    frames = list(frames_to_send())
    with open(path, "wb") as file:
        file.write(PCAP_HEADER)
        for number, octets in enumerate(frames):
            file.write(struct.pack("<IIII", number // RATE, number % RATE * 1000, len(octets), len(octets)))
            file.write(octets)
    print(f"wrote {len(frames)} packets: {FILE_PACKETS} to each of {' and '.join(GROUPS.values())}, "
          f"the rest to {UNROUTED}, which has no route")


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    at = len(PCAP_HEADER)
    while at < len(content):
        length = struct.unpack_from("<I", content, at + 8)[0]
        yield content[at + 16 : at + 16 + length]
        at += 16 + length


def check(given, results):
    """What must leave is made from scratch; only the source MAC is the port's own."""
    wanted = [frame(family, GROUPS[family], number, TTL - 1)
              for number in range(FILE_PACKETS) for family in GROUPS]
    good = True
    print()
    for number, path in enumerate(results, 1):
        got = [octets[:6] + octets[12:] for octets in read(path)]
        same = got == [octets[:6] + octets[12:] for octets in wanted]
        good = good and same
        print(f"file {number}: {len(got)} of {len(wanted)} packets, " +
              (f"each once, in order, TTL {TTL} -> {TTL - 1}, checksums right" if same else "NOT what must leave"))
    print(f"{sum(1 for _ in read(given)) - len(wanted)} packets went to {UNROUTED}, which has no route")
    print("\nVERDICT: " + ("mgmd replicated every packet into both files." if good
                           else "FAILED: see the lines above."))
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("show")
    command.add_argument("--namespaces", required=True)
    command.add_argument("--seconds", type=int, required=True)
    command.add_argument("--mgmctl", required=True)
    command.add_argument("--daemon", type=int, required=True)
    commands.add_parser("send").add_argument("seconds", type=int)
    commands.add_parser("receive")
    commands.add_parser("write").add_argument("file")
    command = commands.add_parser("check")
    command.add_argument("given")
    command.add_argument("results", nargs="+")
    options = parser.parse_args()
    if options.command == "show":
        return show(options.namespaces, options.seconds, options.mgmctl, options.daemon)
    if options.command == "send":
        return send(options.seconds)
    if options.command == "receive":
        return receive()
    if options.command == "write":
        return write(options.file)
    return check(options.given, options.results)


if __name__ == "__main__":
    sys.exit(main())
