// SPDX-License-Identifier: BSD-3-Clause
// Which keys an entry may have: RFC 1112, 4291, 4607, 5771, and what the table can hold.
#include "mgm/address_class.hpp"
#include "mgm/desired_state.hpp"
#include "mgm/table_writer.hpp"

namespace mgm {

namespace {

/// The range lies in the groups of its family.
template <Family F>
bool is_multicast_range(const Address<F> &group, unsigned length) {
    constexpr unsigned kMulticastBits = F == Family::kIpv4 ? 4 : 8;
    return length >= kMulticastBits && is_multicast(group);
}

bool is_multicast_range(const IpPrefix &range) {
    return range.family() == Family::kIpv4
               ? is_multicast_range<Family::kIpv4>(range.address.v4(), range.length)
               : is_multicast_range<Family::kIpv6>(range.address.v6(), range.length);
}

/// No group of the range is ever forwarded.
template <Family F>
bool is_never_forwarded(const Address<F> &group, unsigned length) {
    // 224.0.0.0/24; the low nibble of an IPv6 group's second octet is its scope
    constexpr unsigned kDecidingBits = F == Family::kIpv4 ? 24 : 16;
    return length >= kDecidingBits && !is_forwardable_group(group);
}

template <Family F>
bool is_inside_ssm(const Address<F> &group, unsigned length) {
    constexpr unsigned kSsmBits = F == Family::kIpv4 ? 8 : 32; // 232/8, ff3x::/32
    return length >= kSsmBits && is_ssm(group);
}

template <Family F>
bool is_forwardable_source(const Address<F> &source) {
    const SourceClass kind = classify_source(source);
    if constexpr (F == Family::kIpv4) // switches of [forwarding] allow the latter two
        return kind == SourceClass::kUsable || kind == SourceClass::kReserved ||
               kind == SourceClass::kLinkLocal;
    return kind == SourceClass::kUsable;
}

/// Why no route may be of this group, or from this source; null: it may.
template <Family F>
const char *group_mistake(const IpPrefix &prefix, bool is_for_any_source) {
    const auto group = prefix.address.as<F>();
    if (!is_multicast_range<F>(group, prefix.length))
        return "the group is not multicast";
    if (is_never_forwarded<F>(group, prefix.length))
        return "such groups never leave their link";
    if (is_for_any_source && is_inside_ssm<F>(group, prefix.length))
        return "a source-specific group (RFC 4607) needs a source";
    return nullptr;
}

template <Family F>
const char *source_mistake(const IpAddress &source) {
    if (source.family() != F)
        return "source and group are of different families";
    if (!is_forwardable_source<F>(source.as<F>()))
        return "packets from such a source are never forwarded";
    return nullptr;
}

/// `is_for_any_source`: its data makes no entry for each source.
template <Family F>
const char *mistake(const RouteKey &key, bool is_for_any_source) {
    if (const char *why = group_mistake<F>(key.group, is_for_any_source))
        return why;
    return key.source ? source_mistake<F>(*key.source) : nullptr;
}

/// Empty: none. The name of the route is put before it only then: there may be a million.
std::string mistake(const RouteKey &key, bool is_for_any_source) {
    if (key.group.length > key.group.address.bits())
        return "the group is longer than its address";
    if (key.group.network() != key.group)
        return fmt::format("the group has bits behind its length; use {}", key.group.network());
    const char *why = key.group.family() == Family::kIpv4
                          ? mistake<Family::kIpv4>(key, is_for_any_source)
                          : mistake<Family::kIpv6>(key, is_for_any_source);
    return why == nullptr ? "" : why;
}

std::string mistake(const IpPrefix &sources, Family family) {
    if (sources.family() != family)
        return "source and group are of different families";
    if (sources.length == 0 || sources.is_host())
        return "the source range is every source, or one: then it is none";
    if (sources.length > sources.address.bits() || sources.network() != sources)
        return fmt::format("the source has bits behind its length; use {}", sources.network());
    if (is_multicast_range(sources))
        return "packets from such a source are never forwarded";
    return "";
}

template <class Route>
Result<void> refuse(const Route &route, const std::string &why) {
    return why.empty() ? Result<void>{} : fail(Errc::kInvalidArgument, "route {}: {}", route, why);
}

} // namespace

Result<void> validate(const RouteKey &key) {
    if (key.source && !key.group.is_host())
        return refuse(key, "a source needs a full-length group");
    return refuse(key, mistake(key, !key.source));
}

Result<void> validate(const RouteSpec &route) {
    std::string why = mistake(route.key, route.makes_entry() && !route.key.source);
    if (why.empty() && route.source_range)
        why = mistake(*route.source_range, route.key.group.family());
    return refuse(route, why);
}

std::string to_string(const RouteSpec &route) {
    if (!route.source_range)
        return to_string(route.key);
    RouteKey key = route.key;
    key.source = route.source_range->address;
    std::string text = to_string(key); // "(10.1.0.0,…"
    return text.insert(text.find(','), fmt::format("/{}", route.source_range->length));
}

} // namespace mgm
