# SPDX-License-Identifier: BSD-3-Clause
"""TTL and hop limit: one less, thresholds of interfaces and of (entry, oif), silence."""
from book import FAR, IN, OUT, SOURCED, Book, replace, route
from frames import ether, hop, ipv4, ipv6, leave

book = Book()


def aged(*ttls, **fields):
    return [ether(ipv4(ttl=t, **fields)) for t in ttls] + [ether(ipv6(hlim=t)) for t in ttls]


book.drop("DropsTtlZeroAndOneSilently_S1_4", aged(0, 1), "ttl")
book.drop("DropsTtlOneOfFragmentsAndOptionsSilently_S1_4",
          [ether(ipv4(ttl=1, frag=185)), ether(ipv4(ttl=1, flags=3)),
           ether(ipv4(ttl=0, options=b"\x94\4\0\0", size=64))], "ttl")
book.forward("ForwardsTtlTwoWithOne_S1_4", aged(2))
book.forward("TakesExactlyOneFromEveryTtl_S1_4", aged(3, 16, 128, 129, 254, 255))


def threshold(name, oif, ttls, *, far=FAR, routes=SOURCED):
    """OUT has a threshold that lets none of `ttls` leave; FAR takes them."""
    case = book.case(name, interfaces=(IN, oif, far), routes=routes)
    for frame in aged(*ttls):
        packet = frame[14:]
        case.receive(frame, "forwarded")
        case.lose(oif, "ttl_threshold")
        case.copy(far, leave(hop(packet), far))


def entry(oif_threshold, far_threshold=1):
    return [route(g, s["source"], oifs=((OUT, {"ttl_threshold": oif_threshold}),
                                        (FAR, {"ttl_threshold": far_threshold})))
            for g, s in ((r["group"], r) for r in SOURCED)]


OUT16 = replace(OUT, ttl_threshold=16)
threshold("ThresholdOfAnInterfaceStopsATtlThatIsNotAboveIt_S1_4", OUT16, (2, 15, 16))
book.forward("ThresholdOfAnInterfaceLetsAHigherTtlPass_S1_4", aged(17, 18, 255), oifs=(OUT16, FAR),
             interfaces=(IN, OUT16, FAR))
threshold("ThresholdOfAnEntrysOifStopsATtlThatIsNotAboveIt_S1_4", OUT, (2, 63, 64), routes=entry(64))
book.forward("ThresholdOfAnEntrysOifLetsAHigherTtlPass_S1_4", aged(65, 66, 255), routes=entry(64))
threshold("TheLargerThresholdCountsWhenTheEntrysIsLarger_S1_4", OUT16, (17, 31, 32), routes=entry(32))
threshold("TheLargerThresholdCountsWhenTheInterfacesIsLarger_S1_4", OUT16, (15, 16), routes=entry(7))
book.forward("BothThresholdsLetAHigherTtlPass_S1_4", aged(33), oifs=(OUT16, FAR),
             interfaces=(IN, OUT16, FAR), routes=entry(32, 7))
threshold("Threshold255StopsEverything_S1_4", replace(OUT, ttl_threshold=255), (2, 254, 255))
book.forward("Threshold254LetsOnly255Pass_S1_4", aged(255), routes=entry(254, 254))
threshold("Threshold256OfAnInterfaceStopsEverything_S1_4", replace(OUT, ttl_threshold=256), (2, 255))
threshold("Threshold256OfAnEntrysOifStopsEverything_S1_4", OUT, (2, 255), routes=entry(256))
book.forward("ThresholdsDoNotConcernTheArrivalInterface_S1_4", aged(2, 17),
             iif=replace(IN, ttl_threshold=200), interfaces=(replace(IN, ttl_threshold=200), OUT, FAR))
book.forward("ThresholdZeroStillNeedsTtlTwo_S1_4", aged(2),
             oifs=(replace(OUT, ttl_threshold=0), FAR), interfaces=(IN, replace(OUT, ttl_threshold=0), FAR))

case = book.case("TheLastLossIsTheVerdictWhenNoCopyIsLeft_S1_4",
                 interfaces=(IN, OUT16, replace(FAR, ttl_threshold=200)))
for frame in aged(2, 16):
    case.receive(frame, "ttl_threshold")
    case.lose(OUT, "ttl_threshold")
    case.lose(FAR, "ttl_threshold")
