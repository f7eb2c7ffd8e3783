// SPDX-License-Identifier: BSD-3-Clause
// The words of mgm-spec 5 "Setup", and how keys, links and callbacks are written in expectations:
// as they are there.
#pragma once

#include "control/manager/callbacks.hpp"
#include "control/manager/effects.hpp"
#include "control/manager/manager.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace control::manager {

// How gtest prints them: by their numbers.
std::ostream &operator<<(std::ostream &out, Status status);
std::ostream &operator<<(std::ostream &out, Event event);

} // namespace control::manager

namespace control::manager::test {

using enum Status;

[[nodiscard]] mgm::IpAddress ip(const std::string &text);
[[nodiscard]] mgm::IpPrefix prefix(const std::string &text);
/// `next_hop` "0.0.0.0" or "::" where there is none: it carries the family.
[[nodiscard]] Link link(std::uint32_t index, const std::string &next_hop = "0.0.0.0");
[[nodiscard]] mgm::IfIndex index(const Link &link);

[[nodiscard]] Key any(const mgm::IpAddress &group, std::uint16_t vrf = 0); ///< (*,G)
[[nodiscard]] Key any_group(mgm::Family family = mgm::Family::kIpv4);      ///< (*,*)
[[nodiscard]] Key sg(const mgm::IpAddress &source, const mgm::IpAddress &group,
                     std::uint16_t vrf = 0);
/// What Add and Delete call `key`.
[[nodiscard]] Membership membership(const Key &key, const Link &link, std::uint32_t flags);

/// "0.0.0.0/0", "10.0.0.5", …: `source` and `group` of a static route.
[[nodiscard]] StaticRoute static_route(const std::string &source, const std::string &group,
                                       const std::vector<Link> &iifs,
                                       const std::vector<Link> &oifs);
[[nodiscard]] StaticRoute per_source(StaticRoute route);

/// Of a wildcard entry of the tables: "(*,239.0.0.0/8)", "(*,G)".
[[nodiscard]] std::string text(const mgm::RouteKey &key);
/// "(S,G)", "(*,G)", "(*,*)"; in another vrf "(S,G)@5".
[[nodiscard]] std::string text(const Key &key);
/// "if3", "if9/198.51.100.33", "if1/::" in IPv6.
[[nodiscard]] std::string text(const Link &link);
/// "J((*,G),TRUE)", "P((S,G),if1,FALSE)", "LJ((*,G),if4)", "RPF((S,G),if1)",
/// "CREATION((S,G),if1,[if2,if3+IGMP])" …
[[nodiscard]] std::string text(const Callback &callback);
/// "if1 -> if2,if3"; "nothing" on the side that is empty.
[[nodiscard]] std::string text(const std::vector<mgm::IfIndex> &iifs, const std::vector<Oif> &oifs);

struct Names {
    // Far apart, past 64 and past 65,536; ascending.
    const Link if1 = link(3);
    const Link if2 = link(37);
    const Link if3 = link(64);
    const Link if4 = link(1000);
    const Link if5 = link(70'001);
    const mgm::IpAddress G = ip("239.1.1.1");
    const mgm::IpAddress G2 = ip("239.1.1.2");
    const mgm::IpAddress S = ip("10.0.0.5");      // reached through if1
    const mgm::IpAddress S2 = ip("10.0.2.6");     // through if2
    const mgm::IpAddress S4 = ip("10.0.4.7");     // through if4
    const mgm::IpAddress Lost = ip("192.0.2.77"); // no route
};

} // namespace control::manager::test
