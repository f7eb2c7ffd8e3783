#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs `mgmd --once` on the golden inputs and compares octet by octet; speaks TAP.

run_golden.py --mgmd PATH MODULE...     the cases of the modules, several in one run of mgmd
    --each                              one run of mgmd a case
    --workers N                         N workers share the ports
    --only TEXT                         only cases whose name holds TEXT
    --keep FOLDER                       leave configurations, inputs and outputs there
"""
import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile

import checks
import lab
import pcap
from counters import Counters

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"


def load(module):
    cases = json.loads((GOLDEN / f"{module}.json").read_text())
    for case in cases:
        for direction in ("in", "out"):
            case[direction] = {}
            for port in lab.ports_of(case):
                path = GOLDEN / module / f"{case['name']}.{port}-{direction}.pcap"
                if path.exists():
                    case[direction][port] = pcap.read(path)
    return cases


def run_batch(options, batch, folder, name):
    """What is wrong with each case of a batch: name -> list of lines."""
    slots, port = [], 0
    for number, case in enumerate(batch):
        slots.append(lab.Slot(case, number, port, folder, options.workers))
        port += len(slots[-1].devices)
        lab.write_inputs(slots[-1], case["in"])
    config = lab.configuration(name, slots, batch[0]["forwarding"], workers=options.workers)
    try:
        counters = Counters(lab.run(options.mgmd, name, config, folder))
        for slot in slots:
            slot.case["got"] = [f for frames in lab.outputs(slot).values() for f in frames]
    except lab.Failed as failure:
        return {case["name"]: [str(failure)] for case in batch}
    shared = checks.identities(counters) + checks.totals(batch, counters)
    return {slot.case["name"]: checks.frames(slot) + checks.counters_of(slot, counters)
            + ([] if len(batch) > 1 else shared) for slot in slots} | \
        ({} if len(batch) == 1 or not shared else {"": shared})


def run_batches(options, batches, folder):
    """Runs batches; the cases of a batch whose sums are wrong run again one by one, to see which."""
    problems = {}
    for number, batch in enumerate(batches):
        place = folder / str(number)
        place.mkdir()
        found = run_batch(options, batch, place, f"golden{os.getpid()}-{number}")
        if len(batch) > 1 and any(found.values()):
            shared = found.pop("", [])
            alone_good = [line for lines in found.values() for line in lines]
            again = run_batches(options, [[case] for case in batch], pathlib.Path(
                tempfile.mkdtemp(dir=place)))
            for case in batch:
                found[case["name"]] = again[case["name"]]
            if not any(found.values()):
                found[batch[0]["name"]] = ["only together with its neighbours:"] + alone_good + shared
        problems.update(found)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="+", metavar="MODULE")
    parser.add_argument("--mgmd", required=True)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    options = parser.parse_args()
    cases = [c for m in options.modules for c in load(m) if options.only in c["name"]]
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="mgm-golden."))
    folder.mkdir(exist_ok=True)
    print(f"1..{len(cases)}", flush=True)
    try:
        batches = [[c] for c in cases] if options.each else list(lab.batches(cases))
        problems = run_batches(options, batches, folder)
        for name, lines in checks.dissect(cases, folder).items():
            problems[name] = problems[name] + lines
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    for number, case in enumerate(cases, 1):
        lines = problems[case["name"]]
        print(f"{'not ok' if lines else 'ok'} {number} - {case['name']}")
        for line in "\n".join(lines).splitlines():
            print("#", line)
    return 1 if any(problems.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
