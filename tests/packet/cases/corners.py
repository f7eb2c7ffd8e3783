# SPDX-License-Identifier: BSD-3-Clause
"""Bursts: many packets of all kinds in one go; no verdict leaks into a neighbour's."""
import random

from book import FAR, IN, OUT, SHARED, Book, replace, route
from frames import ether, hop, ipv4, ipv6, leave, options6, packet_of

book = Book()
KINDS = (  # what one kind of frame ends with; None: forwarded
    (lambda i: ether(ipv4(size=46 + i % 97, id=i)), None),
    (lambda i: ether(ipv6(size=61 + i % 101, seed=i)), None),
    (lambda i: ether(ipv4(ttl=1, id=i)), "ttl"),
    (lambda i: ether(ipv4(source="127.0.0.1", id=i)), "src_loopback"),
    (lambda i: ether(ipv4(chksum=0x1111, id=i)), "hdr_csum"),
    (lambda i: ether(ipv4(group="224.0.0.5", id=i)), "dst_linklocal"),
    (lambda i: ether(ipv6(hlim=0, seed=i)), "ttl"),
    (lambda i: ether(ipv6(group="ff01::9", seed=i)), "dst_scope"),
    (lambda i: ether(ipv6(nh=0, headers=options6(17, b"\x7e\4abcd"), seed=i)), "v6_opt_drop"),
    (lambda i: ether(ipv4(size=64, options=b"\x83\3\4\0", id=i)), "opt_srr"),
    (lambda i: ether(ipv4(group="232.129.3.7", id=i)), "no_entry"),
    (lambda i: ether(bytes(46), dst="ff:ff:ff:ff:ff:ff", ethertype=0x0806), "non_ip"),
    (lambda i: ether(ipv4(id=i), dst="02:00:00:00:99:99"), "l2_dst"),
    (lambda i: ether(ipv4(id=i))[:14 + i % 20], "err_short"),
)


def mixture(name, count, seed, share):
    chosen = random.Random(seed)
    case = book.case(name, routes=SHARED)
    for i in range(count):
        make, verdict = KINDS[chosen.randrange(2 if chosen.random() < share else len(KINDS))]
        frame = make(i)
        case.receive(frame, verdict or "forwarded")
        if verdict is None:
            for oif in (OUT, FAR):
                case.copy(oif, leave(hop(packet_of(frame)), oif))


mixture("ForwardsMixedBurstsInOrder_S6", 331, seed=37, share=0.5)
mixture("ForwardsMostlyGoodBurstsInOrder_S6", 257, seed=41, share=0.95)
mixture("DropsMostlyBadBurstsOneByOne_S6", 129, seed=1009, share=0.0)
book.forward("ForwardsOneFlowAtFullBurstsInOrder_S6", [ether(ipv4(size=61, id=i)) for i in range(193)])
for count in (1, 31, 32, 33, 63, 65):
    book.forward(f"ForwardsABurstOf{count}_S6", [ether(ipv4(size=60 + i, id=i)) for i in range(count)])

case = book.case("KeepsManyGroupsApartInOneBurst_S6",
                 routes=tuple(route(f"239.{i * 37 % 256}.{i}.7", oifs=((OUT,), (FAR,), (OUT, FAR))[i % 3])
                              for i in range(150)))
for i in list(range(150)) + [149, 0, 77, 3]:
    packet = ipv4(group=f"239.{i * 37 % 256}.{i}.7", id=i)
    case.receive(ether(packet), "forwarded")
    for oif in ((OUT,), (FAR,), (OUT, FAR))[i % 3]:
        case.copy(oif, leave(hop(packet), oif))
SMALL = replace(OUT, mtu=1400)
case = book.case("LosesCopiesOfSomePacketsInABurstOnly_S6", interfaces=(IN, SMALL, FAR), routes=SHARED)
for i in range(75):
    packet = ipv4(size=1401 if i % 3 == 0 else 577, flags=2, id=i)
    case.receive(ether(packet), "forwarded")
    if i % 3 == 0:
        case.lose(SMALL, "mtu")
    else:
        case.copy(SMALL, leave(hop(packet), SMALL))
    case.copy(FAR, leave(hop(packet), FAR))
book.forward("RouterMacOnEveryInterface_S1_6", [ether(ipv4()), ether(ipv6())],
             iif=replace(IN, mac="02:00:5e:00:00:01"),
             oifs=(replace(OUT, mac="02:00:5e:00:00:01"), replace(FAR, mac="02:00:5e:00:00:01")),
             interfaces=tuple(replace(i, mac="02:00:5e:00:00:01") for i in (IN, OUT, FAR)))
