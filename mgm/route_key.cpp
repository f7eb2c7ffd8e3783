// SPDX-License-Identifier: BSD-3-Clause
// Which keys an entry may have: RFC 1112, 4291, 4607, 5771, and what the table can hold.
#include "mgm/address_class.hpp"
#include "mgm/table_writer.hpp"

namespace mgm {

namespace {

/// The range lies in the groups of its family.
template <Family F>
bool is_multicast_range(const Address<F> &group, unsigned length) {
    constexpr unsigned kMulticastBits = F == Family::kIpv4 ? 4 : 8;
    return length >= kMulticastBits && is_multicast(group);
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

template <Family F>
Result<void> validate_family(const RouteKey &key) {
    const auto group = key.group.address.as<F>();
    const unsigned length = key.group.length;
    const auto refuse = [&key](const char *why) {
        return fail(Errc::kInvalidArgument, "route {}: {}", key, why);
    };
    if (!is_multicast_range<F>(group, length))
        return refuse("the group is not multicast");
    if (is_never_forwarded<F>(group, length))
        return refuse("such groups never leave their link");
    if (!key.source)
        return is_inside_ssm<F>(group, length)
                   ? Result<void>(refuse("a source-specific group (RFC 4607) needs a source"))
                   : Result<void>{};
    if (!key.group.is_host())
        return refuse("a source needs a full-length group");
    if (key.source->family() != F)
        return refuse("source and group are of different families");
    if (!is_forwardable_source<F>(key.source->as<F>()))
        return refuse("packets from such a source are never forwarded");
    return {};
}

} // namespace

Result<void> validate(const RouteKey &key) {
    if (key.group.length > key.group.address.bits())
        return fail(Errc::kInvalidArgument, "route {}: the group is longer than its address", key);
    if (key.group.network() != key.group)
        return fail(Errc::kInvalidArgument,
                    "route {}: the group has bits behind its length; use {}", key,
                    to_string(key.group.network()));
    return key.group.family() == Family::kIpv4 ? validate_family<Family::kIpv4>(key)
                                               : validate_family<Family::kIpv6>(key);
}

} // namespace mgm
