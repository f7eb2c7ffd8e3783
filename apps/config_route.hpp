// SPDX-License-Identifier: BSD-3-Clause
// Builds one checked route from the words of a [[route]] or of a line in a routes file. Private to
// config_*.cpp.
#pragma once

#include "apps/config_draft.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

/// Use: begin(), source()/group()/iif()/oif()/per_source() in any order, finish(). Every mistake is
/// reported on the way; a route with one is left out.
class RouteBuilder {
public:
    explicit RouteBuilder(Draft &draft);

    void begin(Position at);
    void source(std::string_view text, Position at);
    void group(std::string_view text, Position at);
    void per_source(bool is_on) noexcept { route_.is_per_source = is_on; }
    void iif(std::string_view name, Position at);
    /// `next_hop` empty: the group's MAC.
    void oif(std::string_view name, std::uint16_t ttl_threshold, std::string_view next_hop,
             Position at);
    /// Something about the route was reported elsewhere: finish() will leave it out.
    void spoil() noexcept { spoilt_ = true; }
    void finish();

private:
    template <class... Args>
    void mistake(Position at, fmt::format_string<Args...> format, Args &&...args) {
        spoilt_ = true;
        draft_.mistakes.add(at, format, std::forward<Args>(args)...);
    }
    /// Reports an unknown name, and an interface of another vrf than the route's others.
    const mgm::InterfaceSpec *interface(std::string_view name, Position at);
    std::optional<mgm::IpAddress> parse_next_hop(const mgm::InterfaceSpec &interface,
                                                 std::string_view text, Position at);
    void check_iifs();
    void check_oifs();
    void check_family(const mgm::OifSpec &oif);

    Draft &draft_;
    std::unordered_map<mgm::IfIndex, const mgm::InterfaceSpec *> by_index_;
    std::vector<mgm::OifSpec> scratch_;
    mgm::RouteSpec route_;
    const mgm::InterfaceSpec *first_interface_ = nullptr;
    std::optional<mgm::Family> source_family_;
    bool has_group_ = false;
    bool spoilt_ = false;
    Position at_;
};

} // namespace apps
