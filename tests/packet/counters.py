# SPDX-License-Identifier: BSD-3-Clause
"""The summary that `mgmd --once --json` prints, as the checks want it."""


class Counters:
    """`rows`: interface ("-" for frames that belong to none) -> counters; the rest are totals."""

    def __init__(self, summary):
        total = summary["total"]
        self.verdicts, self.received = total["verdicts"], total["in_frames"]
        self.events, self.log = summary["events"], summary["log"]
        self.identities = summary["identities"]
        self.rows = {row["name"]: row for row in summary["interfaces"]}

    def interface(self, name):
        return self.rows[name]
