#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Counts what `meson test` ran, test case by test case, and says which rule each one proves.

report.py [--meson-status N] BUILD...   failures, skips with their reason, then `N passed, N failed, N skipped`
report.py --rules BUILD...              the table rule -> tests
"""
import argparse
import collections
import json
import pathlib
import re
import sys
import textwrap
import xml.etree.ElementTree as xml

# Sections of the forwarding rules, as test names carry them: `_S1_2` is 1.2. Of the group manager: interactions T1 to T30
# and the rules of section 8, at the end (`_T3`, `_R8_4`) or in front (`T03_`, `R8_04_`).
RULES = {
    "S1_1": "1.1 never forward",
    "S1_2": "1.2 validation order, lengths, checksum",
    "S1_3": "1.3 source checks, RPF",
    "S1_4": "1.4 TTL and thresholds",
    "S1_5": "1.5 options, fragments, MTU, ICMPv6",
    "S1_6": "1.6 link layer, scopes, loops",
    "S4_5": "4.5 software-only set-ups",
    "S6": "6 hostile input",
} | {f"T{n}": f"T{n}" for n in range(1, 31)} | {f"R8_{n}": f"8.{n}" for n in range(1, 26)}
RULE = re.compile(r"_(S\d+(?:_\d+)*|T\d+|R\d+_\d+)(?![0-9A-Za-z])|\.(T\d+|R\d+_\d+)(?=_)")

Case = collections.namedtuple("Case", "build name result reason")


def cases_of(build):
    """One Case per gtest case, TAP line or script; a program that died counts as one failure."""
    logs = pathlib.Path(build) / "meson-logs"
    report = logs / "testlog.junit.xml"
    failed_programs = set()
    if report.exists():
        for suite in xml.parse(report).getroot().iter("testsuite"):
            for case in suite.iter("testcase"):
                result, reason = result_of(case)
                name = name_of(suite, case)
                if result == "failed":
                    failed_programs.add(name.split(".")[0])
                yield Case(build, name, result, reason)
    log = logs / "testlog.json"
    if not log.exists():
        return
    for line in log.read_text().splitlines():
        run = json.loads(line)
        program = run["name"].split(" / ")[-1]
        if run["result"] in ("FAIL", "TIMEOUT", "ERROR", "INTERRUPT") and not any(
            program in name for name in failed_programs
        ):
            yield Case(build, program, "failed", f"{run['result'].lower()}, status {run['returncode']}")


def name_of(suite, case):
    """`program.sentence`; a script that is one test has only its own name."""
    sentence = re.sub(r"^[0-9]+ - ", "", case.get("name", ""))
    if " / " in sentence:
        return sentence.split(" / ")[-1]
    return suite.get("name", "").split(" / ")[-1].removeprefix("mgm.") + "." + sentence


def result_of(case):
    skipped = case.find("skipped")
    if skipped is not None or case.get("result") == "skipped":
        return "skipped", skip_reason(case, skipped)
    if case.get("status") == "notrun":
        return "skipped", "disabled"
    for kind in ("failure", "error"):
        problem = case.find(kind)
        if problem is not None:
            return "failed", (problem.get("message") or "").strip().replace("\n", " ")[:200]
    return "passed", ""


def skip_reason(case, skipped):
    text = ((skipped.get("message") or skipped.text or "") if skipped is not None else "").strip()
    lines = [line for line in text.splitlines() if not re.match(r".*\.cpp:\d+$", line.strip())]
    if lines:
        return " ".join(lines)
    output = case.findtext("system-out") or ""
    said = re.findall(r"(?im)^\W*skip\w*:? *(.+)$", output)
    return said[-1] if said else (output.strip().splitlines() or ["no reason given"])[-1]


def print_counts(cases, meson_status):
    for case in cases:
        if case.result == "skipped":
            print(f"SKIPPED {case.name}: {case.reason}")
    for case in cases:
        if case.result == "failed":
            print(f"FAILED  {case.name}: {case.reason}")
    count = collections.Counter(case.result for case in cases)
    if not cases:
        print("FAILED  meson test ran nothing")
    elif meson_status and not count["failed"]:
        print(f"FAILED  meson test ended with status {meson_status} and named no test")
    if (meson_status or not cases) and not count["failed"]:
        count["failed"] = 1
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0


def rules_of(name):
    """T03 and R8_04 as T3 and R8_4."""
    for at_end, in_front in RULE.findall(name):
        yield re.sub(r"(?<=[T_])0+(?=\d)", "", at_end or in_front)


def print_rules(cases):
    tests = collections.defaultdict(dict)
    for case in cases:
        for rule in rules_of(case.name):
            tests[rule].setdefault(case.name, set()).add(case.result)
    print("rule -> tests")
    for rule in list(RULES) + sorted(set(tests) - set(RULES)):
        named = tests.get(rule, {})
        passed = sum("passed" in results and "failed" not in results for results in named.values())
        title = RULES.get(rule, rule)
        print(f"  {title}: " + (f"{len(named)} tests, {passed} passed" if named else "NO TEST"))
        if named:
            names = "  ".join(sorted(RULE.sub("", name) for name in named))
            print(textwrap.fill(names, 110, initial_indent="      ", subsequent_indent="      ",
                                break_long_words=False, break_on_hyphens=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", action="store_true")
    parser.add_argument("--meson-status", type=int, default=0)
    parser.add_argument("build", nargs="+")
    arguments = parser.parse_args()
    cases = [case for build in arguments.build for case in cases_of(build)]
    if arguments.rules:
        print_rules(cases)
        return 0
    return print_counts(cases, arguments.meson_status)


if __name__ == "__main__":
    sys.exit(main())
