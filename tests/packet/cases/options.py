# SPDX-License-Identifier: BSD-3-Clause
"""IPv4 options: malformed ones and source routes drop, everything else passes as it came."""
from book import SHARED, Book
from frames import ether, ipv4, pattern

book = Book()


def framed(*options, **fields):
    """A packet with each of the option areas, filled to a whole word with End of Option List."""
    padded = [o + b"\0" * (-len(o) % 4) for o in options]
    return [ether(ipv4(size=33 + len(o), options=o, **fields)) for o in padded]


NOP = b"\1"
LSRR, SSRR = b"\x83\7\4\xcb\0\x71\x29", b"\x89\x0b\4\xcb\0\x71\x29\xc0\0\2\x85"
RECORD = b"\7\x13\4" + bytes(16)
TIMESTAMP = b"\x44\x0c\5\0" + bytes(8)

book.forward("PassesNopFloods_S1_5", framed(NOP * 4, NOP * 20, NOP * 36, NOP * 40))
book.forward("StopsReadingAtEndOfOptionList_S1_5",
             framed(b"\0\x83\7\4", b"\1\0\x89\0", b"\0\xff\xff\xff", b"\1\1\0" + LSRR,
                    b"\0" * 40, b"\x94\4\0\0\0\1\7\0", b"\0\x1e\xff\x1e"))
book.drop("DropsOptionLengthsBelowTwo_S1_5",
          framed(b"\7\0\1\1", b"\7\1\1\1", b"\x1e\0\0\0", b"\x9e\1\0\0", b"\1\1\x94\0", b"\x83\1\4\0",
                 b"\x89\0\0\0", NOP * 36 + b"\x44\1\1\1"), "opt_bad")
book.drop("DropsOptionsThatEndBehindTheHeader_S1_5",
          framed(b"\7\5\4\0", b"\1\x94\4\0", b"\x94\xff\0\0", NOP * 36 + b"\x1e\5\0\0", b"\x83\x29\4\0",
                 NOP * 37 + b"\x1e\4\0", b"\x9e\4\0\0\x9e\5\0\0"), "opt_bad")
book.drop("DropsAnOptionTypeWithoutALength_S1_5",
          framed(NOP * 3 + b"\7", NOP * 3 + b"\x94", NOP * 39 + b"\x83", b"\x94\4\0\0" + NOP * 3 + b"\x9e"),
          "opt_bad")
book.drop("DropsSourceRoutedPackets_S1_5",
          framed(LSRR, SSRR, NOP + LSRR, NOP * 29 + SSRR, b"\x94\4\0\0" + LSRR, b"\x83\3\4", b"\x89\3\4",
                 b"\x83\2", b"\x83\x27\4" + bytes(36), b"\x89\x28\4" + bytes(37)), "opt_srr")
book.forward("ForwardsRouterAlertOnData_S1_5",
             framed(b"\x94\4\0\0", b"\x94\4\0\1", b"\x94\4\xff\xff", NOP + b"\x94\4\0\0", b"\x94\4\0\0" * 10))
book.forward("PassesRecordRouteUnmodified_S1_5",
             framed(RECORD, b"\7\x27\4" + bytes(36), b"\7\3\4", b"\7\x0b\x0c" + pattern(8)))
book.forward("PassesTimestampsUnmodified_S1_5",
             framed(TIMESTAMP, b"\x44\x28\5\1" + bytes(36), b"\x44\4\5\xf0"))
book.forward("PassesUnknownOptionsUnmodified_S1_5",
             framed(b"\x1e\4ab", b"\x5e\4ab", b"\x9e\4ab", b"\xde\4ab", b"\x9e\2", b"\x9e\x28" + pattern(38),
                    b"\x88\4\0\7", b"\x82\x0b" + pattern(9), b"\x86\x0a\0\0\0\1\1\4\0\1", b"\xff\3\xff",
                    b"\x02\3\0", b"\x7f\2"))
book.forward("PassesAllFortyOctetsOfOptions_S1_5",
             [ether(ipv4(size=n, options=b"\x94\4\0\0" + RECORD + NOP + TIMESTAMP + b"\1\1\1\0",
                         **more)) for n, more in ((60, {"payload": b"", "proto": 253}), (61, {"proto": 253}), (577, {}),
                                                  (1499, {}), (1500, {}))])
book.drop("ChecksOptionsBeforeAddressesAndTtl_S1_5",
          framed(LSRR, group="224.0.0.5") + framed(LSRR, ttl=1) + framed(SSRR, source="127.0.0.1"),
          "opt_srr", routes=SHARED)
