# SPDX-License-Identifier: BSD-3-Clause
"""Several cases in one run of mgmd. Each case gets ports and routing instances of its own, so their
counters and output files do not mix; only the totals and the events are sums."""
import json
import os
import pathlib
import subprocess

import pcap

MOST_PORTS = 32  # RTE_MAX_ETHPORTS of Debian's DPDK
VRFS_A_CASE = 2


class Slot:
    """A case's place in a batch."""

    def __init__(self, case, number, first_port, folder, workers=1):
        self.case, self.number, self.folder, self.workers = case, number, folder, workers
        self.devices = {letter: first_port + i for i, letter in enumerate(ports_of(case))}

    def interface_name(self, name):
        return f"s{self.number}-{name}"

    def path(self, port, direction):
        return self.folder / f"{self.number}{port}.{direction}.pcap"

    def devargs(self, port):
        """A worker sends on a queue, and so into a file, of its own."""
        files = [f"tx_pcap={self.path(port, f'out{w}')}" for w in range(self.workers)]
        return ",".join([f"net_pcap{self.devices[port]}", f"rx_pcap={self.path(port, 'in')}"] + files)


def ports_of(case):
    return sorted({i["port"] for i in case["interfaces"]})


def batches(cases):
    """Lists of cases that fit one run: the same switches, no more ports than DPDK has."""
    groups = {}
    for case in cases:
        groups.setdefault(json.dumps(case["forwarding"], sort_keys=True), []).append(case)
    for group in groups.values():
        batch, ports = [], 0
        for case in group:
            needed = len(ports_of(case))
            if batch and ports + needed > MOST_PORTS:
                yield batch
                batch, ports = [], 0
            batch.append(case)
            ports += needed
        yield batch


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return json.dumps(value)  # strings, numbers and booleans are written alike


def table(title, values):
    return "\n".join([title] + [f"{k} = {toml(v)}" for k, v in values.items()]) + "\n"


def configuration(name, slots, forwarding, routes_file=None, capacity=None, memory=192,
                  workers=1):
    limits = {"interfaces": 2048, "neighbors": 1024, "vrfs": 64, "ipv4_entries": 2048,
              "ipv6_entries": 1024, "mbufs": 8191, "rx_descriptors": 64, "tx_descriptors": 64}
    limits.update(capacity or {})
    lcores = ",".join(f"{n}@(0-{(os.cpu_count() or 1) - 1})" for n in range(workers + 1))
    parts = [table("[mgmd]", {"name": name, "workers": workers, "socket": ""}),
             table("[eal]", {"args": ["--no-huge", "-m", str(memory), "--no-pci", "--no-telemetry",
                                      "--lcores", lcores]}),
             table("[capacity]", limits)]
    if routes_file:
        parts.insert(0, f'routes_file = "{routes_file}"\n')
    if forwarding:
        parts.append(table("[forwarding]", forwarding))
    for slot in slots:
        parts.extend(tables_of(slot))
    return "\n".join(parts)


def tables_of(slot):
    case, base = slot.case, slot.number * VRFS_A_CASE
    for interface in case["interfaces"]:
        values = dict(interface, name=slot.interface_name(interface["name"]),
                      index=interface["index"] + 10000 * slot.number,
                      port=slot.devargs(interface["port"]), vrf=base + interface["vrf"])
        yield table("[[interface]]", values)
    for neighbor in case["neighbors"]:
        yield table("[[neighbor]]", dict(neighbor, interface=slot.interface_name(neighbor["interface"])))
    for route in case["routes"]:
        values = {"group": route["group"], "iifs": [slot.interface_name(i) for i in route["iifs"]],
                  "oifs": [dict(o, interface=slot.interface_name(o["interface"]))
                           for o in route["oifs"]]}  # its instance is that of its interfaces
        if route["source"]:
            values["source"] = route["source"]
        yield table("[[route]]", values)


class Failed(Exception):
    """mgmd did not do its run."""


def run(mgmd, name, config, folder, timeout=120):
    """Runs `mgmd --once` on the configuration; what it printed as JSON, and its log."""
    path = pathlib.Path(folder) / "mgmd.toml"
    path.write_text(config)
    command = [mgmd, "--config", str(path), "--once", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"{name}: mgmd did not end within {timeout} s") from None
    if done.returncode != 0:
        tail = "\n".join(done.stderr.splitlines()[-15:])
        raise Failed(f"{name}: mgmd ended with status {done.returncode}\n{tail}")
    try:
        return dict(json.loads(done.stdout[done.stdout.index("{"):]), log=done.stderr)
    except ValueError as error:
        raise Failed(f"{name}: no JSON from mgmd ({error}): {done.stdout[:300]}") from None


def write_inputs(slot, frames_by_port):
    """A port that nothing arrives on still has a file, so that it can be opened."""
    for port in slot.devices:
        pcap.write(slot.path(port, "in"), frames_by_port.get(port, []))


def outputs(slot):
    """Frames by port. Of one arrival port they are in order: one worker takes all of its packets."""
    return {port: [frame for w in range(slot.workers) for frame in pcap.read(slot.path(port, f"out{w}"))]
            for port in slot.devices}
