# SPDX-License-Identifier: BSD-3-Clause
"""A case: an arrangement of interfaces and routes, frames in, frames and counters out."""
from dataclasses import asdict, dataclass, field, replace  # noqa: F401 (replace: cases use it)

from frames import GROUP4, GROUP6, SOURCE4, SOURCE6, hop, leave, packet_of


@dataclass(frozen=True)
class Interface:
    name: str
    index: int
    port: str  # letter of a port
    mac: str
    addresses: tuple = ()
    vlan: int = 0
    mtu: int = 1500
    ttl_threshold: int = 1
    boundaries: tuple = ()
    scope_boundary: int = 0
    vrf: int = 0

    @property
    def global6(self):
        return next(a for a in self.addresses if ":" in a and not a.startswith("fe80")).split("/")[0]


# The usual arrangement: in by IN, out by OUT and FAR.
IN = Interface("in37", 37, "a", "02:00:00:00:25:01",
               ("198.51.100.1/28", "fe80::37/64", "2001:db8:37::1/64"))
OUT = Interface("out41", 41, "b", "02:00:00:00:29:02", ("203.0.113.33/27", "2001:db8:41::1/64"))
FAR = Interface("out1009", 1009, "c", "02:00:00:03:f1:03",
                ("192.0.2.129/25", "2001:db8:1009::1/64"))


def route(group=GROUP4, source=None, iifs=(IN,), oifs=(OUT, FAR), vrf=0):
    """An oif is an Interface, or (Interface, {"ttl_threshold": …, "next_hop": …})."""
    pairs = [oif if isinstance(oif, tuple) else (oif, {}) for oif in oifs]
    return {"group": group, "source": source, "vrf": vrf, "iifs": [i.name for i in iifs],
            "oifs": [{"interface": i.name, **more} for i, more in pairs]}


SOURCED = (route(source=SOURCE4), route(GROUP6, source=SOURCE6))
SHARED = (route(), route(GROUP6))
ALL_GROUPS = (route("224.0.0.0/4"), route("ff00::/8"))


@dataclass
class Case:
    name: str
    interfaces: tuple = (IN, OUT, FAR)
    routes: tuple = SOURCED
    neighbors: tuple = ()  # (Interface, address, MAC)
    forwarding: dict = field(default_factory=dict)
    garbage: bool = False  # carries nonsense that a router does not read: tshark may say malformed
    ordered: bool = True  # False: copies of one packet leave one port in any order
    received: dict = field(default_factory=dict)  # port -> frames
    fates: dict = field(default_factory=dict)  # port -> verdict of each frame
    sent: dict = field(default_factory=dict)
    verdicts: dict = field(default_factory=dict)  # interface ("" = none) -> {verdict: n}
    copies: dict = field(default_factory=dict)  # interface -> {"wanted", "sent", drop reasons: n}
    events: dict = field(default_factory=dict)

    def receive(self, frame, verdict, interface=IN, port=None):
        """`interface` None: none is found for the frame; then `port` says where it came in."""
        name = interface.name if interface else ""
        port = port or interface.port
        self.received.setdefault(port, []).append(bytes(frame))
        self.fates.setdefault(port, []).append(verdict)
        _add(self.verdicts.setdefault(name, {}), verdict)

    def copy(self, interface, *frames):
        """One copy leaves, whole or in fragments."""
        self.sent.setdefault(interface.port, []).extend(bytes(f) for f in frames)
        _add(self.copies.setdefault(interface.name, {}), "wanted")
        _add(self.copies[interface.name], "sent")
        if len(frames) > 1:
            self.event("frag_ok")
            self.event("frag_created", len(frames))

    def lose(self, interface, reason, n=1):
        counters = self.copies.setdefault(interface.name, {})
        _add(counters, "wanted", n)
        _add(counters, reason, n)

    def answer(self, interface, frame, event):
        """A frame of the router's own."""
        self.sent.setdefault(interface.port, []).append(bytes(frame))
        self.event(event)

    def event(self, name, n=1):
        _add(self.events, name, n)

    def as_json(self):
        names = ("name", "forwarding", "garbage", "ordered", "fates", "verdicts", "copies", "events")
        data = {n: getattr(self, n) for n in names}
        data["interfaces"] = [asdict(i) for i in self.interfaces]
        data["routes"] = list(self.routes)
        data["neighbors"] = [{"interface": i.name, "address": a, "mac": m}
                             for i, a, m in self.neighbors]
        return data


def _add(counters, name, n=1):
    counters[name] = counters.get(name, 0) + n


class Book:
    """The cases of one module."""

    def __init__(self):
        self.cases = []

    def case(self, name, **arrangement):
        self.cases.append(Case(name, **arrangement))
        return self.cases[-1]

    def forward(self, name, frames, *, oifs=(OUT, FAR), iif=IN, event=None, **arrangement):
        """Every frame leaves by every oif, one hop older; `event` counts once for each."""
        case = self.case(name, **arrangement)
        for frame in frames:
            case.receive(frame, "forwarded", iif)
            for oif in oifs:
                case.copy(oif, leave(hop(packet_of(frame)), oif))
            if event:
                case.event(event)
        return case

    def drop(self, name, frames, verdict, *, iif=IN, port=None, **arrangement):
        """Every frame ends with `verdict`, nothing leaves."""
        case = self.case(name, **arrangement)
        for frame in frames:
            case.receive(frame, verdict, iif, port)
        return case
