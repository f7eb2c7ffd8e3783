// SPDX-License-Identifier: BSD-3-Clause
// Words and numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <mgm.pb.h>

namespace apps {

/// IfIndex to name.
using InterfaceNames = std::unordered_map<std::uint32_t, std::string>;
InterfaceNames names_of(const std::vector<mgm::v1::Interface> &interfaces);
/// "p1", or "if7" when the interface is gone meanwhile.
std::string name_of(const InterfaceNames &names, std::uint32_t index);

/// Octets in network byte order as text; "?" when they are no address.
std::string address_text(std::string_view octets);
/// A host as an address alone, every group as "*", else "address/length".
std::string group_text(const mgm::v1::Prefix &group);
std::string prefix_text(const mgm::v1::Prefix &prefix);
/// "(10.0.0.1,232.1.1.1)", "(*,225.0.0.0/8)", with " vrf 7" unless 0.
std::string route_text(const mgm::v1::Route &route);
std::string mac_text(std::string_view octets);
std::string_view state_text(mgm::v1::LinkState state);
/// "3 d 04:05:06"
std::string duration_text(std::uint64_t seconds);
/// Digits alone.
std::string count_text(std::uint64_t value);
/// Three digits and an SI prefix: "1.25 M".
std::string si_text(double value);

/// Adds `item` to a list that may be empty so far.
void append_item(std::string &list, char separator, std::string_view item);

} // namespace apps
