// SPDX-License-Identifier: BSD-3-Clause
// The forwarding table as the standards' words have it, slow and obvious: what the real one is
// compared with.
#pragma once

#include "mgm/address_class.hpp"
#include "mgm/spec.hpp"

#include <map>
#include <optional>

namespace mgm_test {

class NaiveTable {
public:
    void upsert(const mgm::RouteKey &key, std::uint32_t action) { actions_[key] = action; }
    bool remove(const mgm::RouteKey &key) { return actions_.erase(key) != 0; }
    [[nodiscard]] bool contains(const mgm::RouteKey &key) const { return actions_.contains(key); }
    [[nodiscard]] std::size_t size() const { return actions_.size(); }
    [[nodiscard]] const std::map<mgm::RouteKey, std::uint32_t> &actions() const { return actions_; }

    /// (S,G), else the (*,G/len) with the longest length: (*,G) is the longest of all. A
    /// source-specific group (RFC 4607) only has (S,G).
    [[nodiscard]] std::optional<std::uint32_t> find(mgm::Vrf vrf, const mgm::IpAddress &source,
                                                    const mgm::IpAddress &group) const {
        const auto exact =
            actions_.find({vrf, source, {group, static_cast<std::uint8_t>(group.bits())}});
        if (exact != actions_.end())
            return exact->second;
        if (is_ssm(group))
            return std::nullopt;
        const mgm::RouteKey *longest = nullptr;
        for (const auto &[key, action] : actions_)
            if (key.vrf == vrf && !key.source && key.group.contains(group) &&
                (longest == nullptr || key.group.length > longest->group.length))
                longest = &key;
        return longest == nullptr ? std::nullopt : std::optional(actions_.at(*longest));
    }

private:
    static bool is_ssm(const mgm::IpAddress &group) {
        return group.family() == mgm::Family::kIpv4 ? mgm::is_ssm(group.v4())
                                                    : mgm::is_ssm(group.v6());
    }
    std::map<mgm::RouteKey, std::uint32_t> actions_;
};

} // namespace mgm_test
