#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A million IPv4 (S,G) entries from a routes file, and packets for some of them; speaks TAP.

million.py --mgmd PATH [--entries N] [--packets N]
"""
import argparse
import os
import pathlib
import random
import re
import resource
import shutil
import sys
import tempfile
import time

import checks
import lab
from book import FAR, IN, OUT, Case
from counters import Counters
from frames import ether, hop, ipv4, leave

OLISTS = ((OUT,), (FAR,), (OUT, FAR))


def entry(i):
    """Entry `i`: source, group, olist. 1,000 sources, each with every group of its own range."""
    source, group = divmod(i, 1000)
    return (f"10.{source % 251}.{source // 251 + 7}.{source % 253 + 1}",
            f"232.{129 + group % 7}.{group // 4 % 256}.{group % 253}", OLISTS[(source + group) % 3])


def write_routes(path, count, names):
    with open(path, "w", encoding="ascii") as file:
        for i in range(count):
            source, group, oifs = entry(i)
            file.write(f"{source} {group} {names[IN.name]} {','.join(names[o.name] for o in oifs)}\n")


def make_case(count, packets):
    """Packets for random entries, every tenth for a group that the source does not have."""
    case = Case("million", routes=())
    chosen = random.Random(1009)
    for n in range(packets):
        source, group, oifs = entry(chosen.randrange(count))
        if n % 10 == 9:
            case.receive(ether(ipv4(source=source, group="232.200.3.7", id=n)), "no_entry")
            continue
        packet = ipv4(source=source, group=group, id=n, size=46 + n % 500)
        case.receive(ether(packet), "forwarded")
        for oif in oifs:
            case.copy(oif, leave(hop(packet), oif))
    return dict(case.as_json(), **{"in": case.received, "out": case.sent})


def run(options, folder):
    case = make_case(options.entries, options.packets)
    slot = lab.Slot(case, 0, 0, folder)
    lab.write_inputs(slot, case["in"])
    routes = folder / "routes.txt"
    write_routes(routes, options.entries, {i.name: slot.interface_name(i.name) for i in (IN, OUT, FAR)})
    config = lab.configuration("million%d" % os.getpid(), [slot], {}, routes_file=routes,
                               capacity={"ipv4_entries": options.entries + 1000}, memory=512)
    begun = time.monotonic()
    try:
        counters = Counters(lab.run(options.mgmd, "million", config, folder))
    except lab.Failed as failure:
        return [str(failure)]
    seconds = time.monotonic() - begun
    loaded = re.search(r"loaded .*", counters.log)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"# {loaded[0] if loaded else 'no word about loading'}; {options.packets} packets, "
          f"{seconds:.1f} s from start to end, {peak} MiB at most in memory")
    return checks.frames(slot) + checks.counters_of(slot, counters) + checks.totals([case], counters) \
        + checks.identities(counters)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mgmd", required=True)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--packets", type=int, default=2000)
    options = parser.parse_args()
    assert len({entry(i)[:2] for i in range(options.entries)}) == options.entries
    print("1..1", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mgm-million."))
    try:
        problems = run(options, folder)
    finally:
        shutil.rmtree(folder)
    print("not ok" if problems else "ok", "1 - ForwardsFromAMillionEntriesOfARoutesFile_S4_5")
    for line in "\n".join(problems).splitlines():
        print("#", line)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
