# SPDX-License-Identifier: BSD-3-Clause
"""The summary that `mgmd --once --json` prints, as the checks want it."""


class Counters:
    """`rows`: interface (or "" for frames of none) -> counters; the rest are totals."""

    def __init__(self, summary):
        self.verdicts = summary["verdicts"]
        self.events = summary["events"]
        self.received = summary["received"]
        self.memory = summary.get("memory", "")
        self.rows = {row["name"]: row for row in summary["interfaces"]}

    def interface(self, name):
        return self.rows[name]
