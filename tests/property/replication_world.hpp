// SPDX-License-Identifier: BSD-3-Clause
// A router and its traffic, chosen at random, run once for each way to make copies.
#pragma once

#include "support/test_router.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace replication {

struct OifPlan {
    unsigned port = 0; ///< several may share one, each with its VLAN
    std::uint16_t vlan = 0;
    unsigned mac = 0; ///< interfaces with the same number have the same MAC
    std::uint16_t mtu = 1500;
    std::uint16_t ttl_threshold = 1;
    bool is_up = true;
    bool takes_segments = true;
    bool has_boundary = false;
    unsigned next_hop = 0; ///< 0: the group; 1: a neighbour; 2: one that is not known
};

struct PacketPlan {
    bool is_ipv6 = false;
    unsigned group = 0;   ///< of kGroups; each has an olist of its own
    unsigned octets = 60; ///< of the untagged frame
    unsigned ttl = 33;
    bool dont_fragment = false;
    bool is_tagged_zero = false; ///< priority tag
    bool is_padded = false;
    bool is_bad = false; ///< wrong source MAC: dropped
};

struct Plan {
    static constexpr unsigned kGroups = 3;
    std::vector<OifPlan> oifs;
    std::vector<std::vector<unsigned>> olists; ///< by group: positions in oifs
    std::vector<std::vector<PacketPlan>> bursts;
    std::vector<int> rooms; ///< by port: frames it takes in each burst; -1: all
};

/// What came of it: frames by (port, VLAN), and every counter that a person can see.
struct Outcome {
    std::map<std::pair<unsigned, std::uint16_t>, std::vector<support::Octets>> sent;
    std::vector<std::uint64_t> counters;
    std::map<std::string, std::uint64_t> oifs; ///< of mgm::EntryReport
    unsigned heads_used = 0; ///< small mbufs in the ports: only programs take them
};

enum class Way : std::uint8_t {
    kPlain,    ///< each copy on its own
    kPrograms, ///< as the writer prepared it
};

/// Expects the accounts to be right and no mbuf to be missing.
Outcome run(const Plan &plan, Way way);

} // namespace replication
