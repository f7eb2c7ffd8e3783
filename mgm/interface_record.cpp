// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/interface_record.hpp"

#include "mgm/address_class.hpp"

#include <cstring>
#include <type_traits>

namespace mgm {

namespace {

struct Networks {
    std::vector<Ipv4Net> ipv4;
    std::vector<Ipv6Net> ipv6;
};

std::uint32_t mask_be(unsigned length) {
    const std::uint32_t host = length == 0 ? 0 : ~std::uint32_t{0} << (32U - length);
    return from_host(host).be;
}

Networks split(const std::vector<IpPrefix> &prefixes) {
    Networks networks;
    for (const IpPrefix &prefix : prefixes) {
        if (prefix.family() == Family::kIpv4)
            networks.ipv4.push_back({prefix.address.v4().be, mask_be(prefix.length)});
        else
            networks.ipv6.push_back({prefix.address.v6(), prefix.length});
    }
    return networks;
}

template <class T>
void append(std::vector<std::byte> &contents, const std::vector<T> &elements) {
    static_assert(std::has_unique_object_representations_v<T>);
    const auto *from = reinterpret_cast<const std::byte *>(elements.data());
    contents.insert(contents.end(), from, from + elements.size() * sizeof(T));
}

} // namespace

std::vector<std::byte> record_of(const InterfaceSpec &spec, const PortAttachment &attachment) {
    const Networks addresses = split(spec.addresses);
    const Networks boundaries = split(spec.boundaries);

    InterfaceRecord record{};
    record.index = spec.index;
    record.port_id = attachment.port_id;
    record.vlan = spec.vlan;
    record.vrf = static_cast<std::uint16_t>(spec.vrf);
    record.mtu = spec.mtu;
    record.ttl_threshold = spec.ttl_threshold;
    record.state = attachment.port_id == kNoPort ? LinkState::kPending : attachment.state;
    record.scope_boundary = spec.scope_boundary;
    record.mac = spec.mac.value_or(attachment.mac);
    record.takes_segments = attachment.takes_segments ? 1 : 0;
    record.ipv4_count = static_cast<std::uint16_t>(addresses.ipv4.size());
    record.ipv4_boundary_count = static_cast<std::uint16_t>(boundaries.ipv4.size());
    record.ipv6_count = static_cast<std::uint16_t>(addresses.ipv6.size());
    record.ipv6_boundary_count = static_cast<std::uint16_t>(boundaries.ipv6.size());
    spec.name.copy(record.name.data(), record.name.size() - 1);

    const auto *fields = reinterpret_cast<const std::byte *>(&record);
    std::vector<std::byte> contents(fields + sizeof(BlockHeader), fields + sizeof record);
    append(contents, addresses.ipv4);
    append(contents, boundaries.ipv4);
    append(contents, addresses.ipv6);
    append(contents, boundaries.ipv6);
    return contents;
}

} // namespace mgm
