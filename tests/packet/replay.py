#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Hostile variants of the golden inputs through mgmd; speaks TAP, one line a module of cases.

replay.py --mgmd PATH truncations    every golden cut at every length: each cut ends as its lengths say
replay.py --mgmd PATH flips          two inputs of each case, every single bit of the first 62 octets: nothing unlawful leaves
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
import lawful
import run_golden
from counters import Counters
from make_golden import modules

EVERY_LENGTH = 1600  # longer frames: all lengths up to here, then some
FLIPPED_OCTETS = 62


def truncations(frame, fate):
    """(shorter frame, verdict it must end with)."""
    lengths = list(range(min(len(frame), EVERY_LENGTH))) + list(range(EVERY_LENGTH, len(frame), 97))
    return [(frame[:n], lawful.verdict_of_cut(frame[:n], fate)) for n in lengths]


def flips(frame, _fate):
    """Every frame of the first headers with one bit wrong."""
    octets = bytearray(frame)
    for bit in range(8 * min(FLIPPED_OCTETS, len(frame))):
        octets[bit // 8] ^= 1 << bit % 8
        yield bytes(octets), None
        octets[bit // 8] ^= 1 << bit % 8


def arrangements(cases, variants, most):
    """Cases with the same interfaces and routes as one, its frames the variants of `most` of theirs."""
    merged = {}
    for case in cases:
        key = json.dumps([case[n] for n in ("interfaces", "routes", "neighbors", "forwarding")],
                         sort_keys=True)
        one = merged.setdefault(key, dict(case, variants={}, lawful_out={}))
        for port, frames in case["in"].items():
            for frame, fate in list(zip(frames, case["fates"][port], strict=True))[:most]:
                one["variants"].setdefault(port, {}).update(variants(frame, fate))
        for port, frames in case["out"].items():
            one["lawful_out"].setdefault(port, set()).update(frames)
    return list(merged.values())


def problems_of_truncations(slots, counters):
    """Verdicts as counted; what left is what the whole packets would have made."""
    problems, in_total = [], {}
    for slot in slots:
        fates = [fate for frames in slot.case["variants"].values() for fate in frames.values()]
        wanted = {fate: fates.count(fate) for fate in set(fates)}
        in_total = checks.sum_of([in_total, wanted])
        got = checks.sum_of(counters.interface(slot.interface_name(i["name"]))["verdicts"]
                            for i in slot.case["interfaces"])
        for side in (wanted, got):
            for name in checks.NOBODYS:
                side.pop(name, None)
        problems += checks.compare(f"cuts of {slot.case['name']}", wanted, got)
        for port, frames in lab.outputs(slot).items():
            strange = set(frames) - slot.case["lawful_out"].get(port, set())
            for frame in sorted(strange)[:2]:
                problems += [f"{slot.case['name']}, port {port}: no golden"] + checks.show(frame)
    return problems + checks.compare("cuts in total", in_total, counters.verdicts)


def problems_of_flips(slots, _counters):
    problems = []
    for slot in slots:
        for port, frames in lab.outputs(slot).items():
            for frame in set(frames):
                reason = lawful.objection(frame, slot.case["forwarding"])
                if reason and len(problems) < 100:
                    problems += [f"{slot.case['name']}, port {port}: {reason}"] + checks.show(frame)
    return problems


KINDS = {"truncations": (truncations, None, problems_of_truncations, "CutsEveryGoldenAtEveryLength_S6"),
         "flips": (flips, 2, problems_of_flips, "FlipsEveryBitOfTheHeaders_S6")}


def replay_batch(mgmd, batch, check, folder):
    slots, port = [], 0
    for number, case in enumerate(batch):
        slots.append(lab.Slot(case, number, port, folder))
        port += len(slots[-1].devices)
        lab.write_inputs(slots[-1], {p: list(f) for p, f in case["variants"].items()})
    name = f"replay{os.getpid()}"
    try:
        counters = Counters(lab.run(mgmd, name, lab.configuration(name, slots, batch[0]["forwarding"]),
                                    folder, timeout=300))
    except lab.Failed as failure:
        return [str(failure)]
    sent = sum(len(f) for slot in slots for f in slot.case["variants"].values())
    problems = checks.compare("frames", {"received": sent}, {"received": counters.received})
    return problems + checks.identities(counters) + check(slots, counters)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--mgmd", required=True)
    parser.add_argument("--module", action="append", help="only this module of cases")
    options = parser.parse_args()
    variants, most, check, title = KINDS[options.kind]
    chosen = options.module or modules()
    print(f"1..{len(chosen)}", flush=True)
    status = 0
    for number, module in enumerate(chosen, 1):
        problems, frames = [], 0
        for batch in lab.batches(arrangements(run_golden.load(module), variants, most)):
            folder = pathlib.Path(tempfile.mkdtemp(prefix="mgm-replay."))
            try:
                problems += replay_batch(options.mgmd, batch, check, folder)
            finally:
                shutil.rmtree(folder)
            frames += sum(len(f) for case in batch for f in case["variants"].values())
        print(f"{'not ok' if problems else 'ok'} {number} - {module}.{title}", flush=True)
        print(f"# {frames} frames")
        for line in "\n".join(problems).splitlines()[:200]:
            print("#", line)
        status |= bool(problems)
    return status


if __name__ == "__main__":
    sys.exit(main())
