// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/replication_program.hpp"

#include "mgm/tables.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <tuple>

namespace mgm {

namespace {

constexpr std::uint8_t kUntaggedOctets = 14;
constexpr std::uint8_t kTagOctets = 4;
constexpr std::array<std::uint8_t, 2> kTagType{0x81, 0x00};
constexpr std::array<std::array<std::uint8_t, 2>, 2> kEthertypes{{{0x08, 0x00}, {0x86, 0xdd}}};
/// More on one port would soon fill what a worker stages at once.
constexpr unsigned kMaxOnAPort = 64;

struct Copy {
    ProgramCopy copy;
    MacAddress source;
    std::uint16_t vlan;
    NeighborSlot next_hop;
    bool takes_segments;

    /// What makes the header. Ports that take no segments are apart: the others need not suffer.
    [[nodiscard]] auto header() const noexcept {
        return std::tie(takes_segments, source, vlan, next_hop);
    }
};

Rewrite rewrite_of(const Copy &copy) {
    Rewrite rewrite{};
    for (std::size_t family = 0; family < kEthertypes.size(); ++family) {
        std::uint8_t *to = rewrite.tails[family];
        to = std::copy(copy.source.octets.begin(), copy.source.octets.end(), to);
        if (copy.vlan != 0) {
            to = std::copy(kTagType.begin(), kTagType.end(), to);
            *to++ = static_cast<std::uint8_t>(copy.vlan >> 8U);
            *to++ = static_cast<std::uint8_t>(copy.vlan);
        }
        std::copy(kEthertypes[family].begin(), kEthertypes[family].end(), to);
    }
    rewrite.next_hop = copy.next_hop;
    rewrite.prefix_octets =
        static_cast<std::uint8_t>(kUntaggedOctets + (copy.vlan != 0 ? kTagOctets : 0));
    rewrite.takes_segments = copy.takes_segments ? 1 : 0;
    return rewrite;
}

/// Whether a copy leaves by it depends on nothing but the packet's TTL and length.
bool is_plain(const InterfaceRecord &interface, const ForwardSet &set, IfSlot slot) {
    const bool has_boundary = interface.ipv4_boundary_count != 0 ||
                              interface.ipv6_boundary_count != 0 || interface.scope_boundary != 0;
    const bool may_be_arrival = std::binary_search(set.iifs(), set.iifs() + set.iif_count, slot);
    return interface.state == LinkState::kUp && interface.port_id < kMaxPorts && !has_boundary &&
           !may_be_arrival;
}

std::uint16_t most_on_a_port(const std::vector<Copy> &copies) {
    std::array<std::uint16_t, kMaxPorts> on_port{};
    for (const Copy &copy : copies)
        ++on_port[copy.copy.port_id];
    return *std::max_element(on_port.begin(), on_port.end());
}

template <class T>
void append(std::vector<std::byte> &contents, std::span<const T> elements) {
    const auto octets = std::as_bytes(elements);
    contents.insert(contents.end(), octets.begin(), octets.end());
}

/// What is to be copied, and how: the parts of a program.
struct Parts {
    ReplicationProgram program{};
    std::vector<Copy> copies;
    std::vector<std::uint16_t> apart;

    void add(const Tables &tables, const ForwardSet &set, std::uint16_t position) {
        const Oif &oif = set.oifs()[position];
        const InterfaceRecord *interface = tables.interface(oif.slot);
        if (interface != nullptr)
            program.least_mtu = std::min(program.least_mtu, interface->mtu);
        if (interface == nullptr || !is_plain(*interface, set, oif.slot)) {
            apart.push_back(position);
            return;
        }
        program.ttl_above =
            std::max({program.ttl_above, interface->ttl_threshold, oif.ttl_threshold});
        copies.push_back({{oif.slot, position, interface->port_id},
                          interface->mac,
                          interface->vlan,
                          oif.neighbor,
                          interface->takes_segments != 0});
    }
};

/// Groups the copies by what makes their header; fills in what the program says of them.
std::vector<Rewrite> group(Parts &parts) {
    std::stable_sort(parts.copies.begin(), parts.copies.end(),
                     [](const Copy &a, const Copy &b) { return a.header() < b.header(); });
    std::vector<Rewrite> rewrites;
    const Copy *before = nullptr;
    for (const Copy &copy : parts.copies) {
        if (before == nullptr || before->header() != copy.header()) {
            rewrites.push_back(rewrite_of(copy));
            if (copy.takes_segments)
                ++parts.program.segment_rewrites;
        }
        before = &copy;
        ++rewrites.back().copies;
        parts.program.ports |= std::uint32_t{1} << copy.copy.port_id;
        if (copy.takes_segments)
            ++parts.program.segment_copies;
        if (copy.next_hop != kGroupMac)
            parts.program.has_next_hops = 1;
    }
    return rewrites;
}

} // namespace

std::vector<std::byte> compile(const Tables &tables, const ForwardSet &set) {
    if (set.oif_count > ReplicationProgram::kMaxCopies)
        return {};
    Parts parts;
    ReplicationProgram &program = parts.program;
    program.least_mtu = UINT16_MAX;
    for (std::uint32_t at = 0; at < set.oif_count; ++at)
        parts.add(tables, set, static_cast<std::uint16_t>(at));
    if (parts.copies.empty())
        return {};
    program.most_on_a_port = most_on_a_port(parts.copies);
    const std::vector<Rewrite> rewrites = group(parts);
    if (program.most_on_a_port > kMaxOnAPort || rewrites.size() > ReplicationProgram::kMaxRewrites)
        return {};
    program.rewrite_count = static_cast<std::uint16_t>(rewrites.size());
    program.copy_count = static_cast<std::uint16_t>(parts.copies.size());
    program.apart_count = static_cast<std::uint16_t>(parts.apart.size());
    if (parts.apart.size() % 2 != 0)
        parts.apart.push_back(parts.apart.back()); // blocks are words; not counted

    std::vector<ProgramCopy> places;
    for (const Copy &copy : parts.copies)
        places.push_back(copy.copy);
    const auto *fields = reinterpret_cast<const std::byte *>(&program);
    std::vector<std::byte> contents(fields + sizeof(BlockHeader), fields + sizeof program);
    append<Rewrite>(contents, rewrites);
    append<ProgramCopy>(contents, places);
    append<std::uint16_t>(contents, parts.apart);
    return contents;
}

} // namespace mgm
