// SPDX-License-Identifier: BSD-3-Clause
// `mgmbench run` with packets from elsewhere than the worker itself, or to ports that are more than
// sinks: a capture, rings, any port. The product alone: what of all packets became what,
// and at which rate; the floor needs packets that are all alike.
//
// Thread: main, which also feeds and drains the far ends of rings.
#pragma once

#include "apps/bench/runner.hpp"
#include "mgm/segment_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct LiveSettings {
    std::string ingress;            ///< pcap:FILE, ring, devargs; empty: made in process
    std::vector<std::string> sinks; ///< null, ring, devargs. One word alone: as many as fan_out
    RunSettings run;
};

struct LiveTrial {
    double seconds = 0;         ///< that were measured
    std::uint64_t cycles = 0;   ///< the same in TSC cycles
    std::uint64_t measured = 0; ///< packets received in them
    std::uint64_t feeds = 0;    ///< times that the producer offered packets to a ring
    std::uint64_t full = 0;     ///< of them, times that the ring did not take all
    std::uint64_t offered = 0;  ///< packets in all, where they are made here; else 0
    std::uint64_t drained = 0;  ///< copies that came to far ends which are ours
    mgm::InterfaceSums sums;    ///< of all packets
    std::string invalid;        ///< why it does not count; empty: it does
};

struct LiveResult {
    LiveSettings settings;
    std::uint16_t fan_out = 0;
    std::size_t entries = 0;
    std::size_t vlans = 0;
    std::string cores; ///< who shares which CPU
    std::vector<LiveTrial> trials;
};

/// kInvalidArgument: settings or the file; else what EAL, pools and ports say.
mgm::Result<LiveResult> run_live(const LiveSettings &settings, const Scenario &scenario);

std::string to_text(const LiveResult &result, double tsc_hz);
std::string to_json(const LiveResult &result, double tsc_hz);

} // namespace bench
