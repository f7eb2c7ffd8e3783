#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the golden files from cases/*.py: what goes in, what must come out, what must be counted.

make_golden.py            writes golden/
make_golden.py --check    compares golden/ with what would be written; status 1 when they differ
make_golden.py --list     names of all cases
"""
import argparse
import importlib
import json
import pathlib
import sys

import pcap

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "golden"


def modules():
    return sorted(p.stem for p in (HERE / "cases").glob("*.py") if p.stem != "__init__")


def files_of(module):
    """Path below golden/ -> octets."""
    cases = importlib.import_module(f"cases.{module}").book.cases
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), f"{module}: a name stands twice"
    entries = [json.dumps(case.as_json(), sort_keys=True) for case in cases]
    files = {f"{module}.json": ("[\n" + ",\n".join(entries) + "\n]\n").encode()}
    for case in cases:
        for direction, frames in (("in", case.received), ("out", case.sent)):
            for port, list_of_frames in frames.items():
                files[f"{module}/{case.name}.{port}-{direction}.pcap"] = pcap.encode(list_of_frames)
    return files


def all_files():
    files = {}
    for module in modules():
        files.update(files_of(module))
    return files


def present():
    return {str(p.relative_to(GOLDEN)): p for p in GOLDEN.rglob("*") if p.is_file()}


def check(wanted):
    found = present()
    differences = [f"missing: golden/{n}" for n in sorted(set(wanted) - set(found))]
    differences += [f"nobody makes it: golden/{n}" for n in sorted(set(found) - set(wanted))]
    differences += [f"differs: golden/{n}" for n in sorted(set(wanted) & set(found))
                    if found[n].read_bytes() != wanted[n]]
    print("\n".join(differences) or f"{len(wanted)} golden files are as scapy makes them")
    return 1 if differences else 0


def write(wanted):
    for name, path in present().items():
        if name not in wanted:
            path.unlink()
    for name, octets in wanted.items():
        path = GOLDEN / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != octets:
            path.write_bytes(octets)
            print("wrote", path.relative_to(HERE))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    wanted = all_files()
    if options.list:
        print("\n".join(f"{n[:-5]}.{case['name']}" for n, octets in wanted.items() if n.endswith(".json")
                        for case in json.loads(octets)))
        return 0
    if options.check:
        return check(wanted)
    write(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
