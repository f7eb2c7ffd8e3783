// SPDX-License-Identifier: BSD-3-Clause
// Copies of what the segment holds, made while the writer goes on: each is whole or absent.
#pragma once

#include "mgm/tables.hpp"

#include <optional>
#include <string>
#include <vector>

namespace control::rpc {

struct InterfaceCopy {
    mgm::IfIndex index{};
    std::string name;
    std::uint16_t vlan = 0;
    std::uint16_t vrf = 0;
    std::uint16_t mtu = 0;
    std::uint16_t ttl_threshold = 0;
    std::uint8_t scope_boundary = 0;
    mgm::LinkState state{};
    mgm::MacAddress mac;
    std::vector<mgm::IpPrefix> addresses;
    std::vector<mgm::IpPrefix> boundaries;
};

template <mgm::Family F>
struct EntryCopy {
    mgm::FlowKey<F> key;
    std::uint8_t group_length = 0;
    std::uint64_t created_seconds = 0;
    bool is_changing = false; ///< the forward set changed faster than it could be copied
    std::vector<mgm::IfSlot> iifs;
    std::vector<mgm::Oif> oifs;
};

/// Absent: no such interface.
std::optional<InterfaceCopy> copy_interface(mgm::Tables tables, mgm::IfSlot slot);

/// Absent: no entry at this position.
template <mgm::Family F>
std::optional<EntryCopy<F>> copy_entry(mgm::Tables tables, mgm::MfeIndex index);

} // namespace control::rpc
