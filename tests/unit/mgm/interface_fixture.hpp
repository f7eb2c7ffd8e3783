// SPDX-License-Identifier: BSD-3-Clause
// Interfaces that are on a port or not, and their neighbors.
#pragma once

#include "table_fixture.hpp"

namespace mgm_test {

class Interfaces : public TableTest {
protected:
    Interfaces() : mac(*MacAddress::parse("02:00:00:00:03:02")) {}
    [[nodiscard]] PortAttachment up(std::uint16_t port) const {
        return {port, LinkState::kUp, mac};
    }
    static InterfaceSpec vlan(IfIndex index, std::uint16_t id) {
        InterfaceSpec spec = interface_spec(index);
        spec.vlan = id;
        return spec;
    }
    [[nodiscard]] bool is_own(const char *text, std::uint32_t vrf = 0) const {
        const IpAddress own = address(text);
        return own.family() == Family::kIpv4 ? tables.is_own_address<Family::kIpv4>(vrf, own.v4())
                                             : tables.is_own_address<Family::kIpv6>(vrf, own.v6());
    }

    const MacAddress mac;
};

} // namespace mgm_test
