// SPDX-License-Identifier: BSD-3-Clause
#include "control/table_plane.hpp"

#include "mgm/log.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace control {

namespace {

const mgm::Log kLog("mgm.plane");

mgm::RouteKey route_key(const manager::Key &key) {
    return {.vrf = key.vrf,
            .source = key.source,
            .group = {.address = key.group, .length = static_cast<std::uint8_t>(key.group.bits())}};
}

/// Zeroes for an oif that the tables do not know.
EntryStatistics::Oif find(const std::vector<std::pair<mgm::OifKey, mgm::OifSums>> &oifs,
                          const manager::Link &link) {
    mgm::OifKey key{link.interface, std::nullopt};
    if (!manager::is_zero(link.next_hop))
        key.next_hop = link.next_hop;
    const auto found =
        std::lower_bound(oifs.begin(), oifs.end(), key,
                         [](const auto &oif, const auto &wanted) { return oif.first < wanted; });
    if (found == oifs.end() || found->first != key)
        return {};
    const mgm::OifSums &sums = found->second;
    return {.ttl_too_low = sums.ttl_too_low,
            .frag_needed = sums.too_big,
            .packets = sums.packets,
            .discards = sums.discarded};
}

} // namespace

TablePlane::TablePlane(mgm::TableWriter &writer, Held held)
    : writer_(writer), held_(std::move(held)) {}

bool TablePlane::install(const mgm::RouteKey &key, std::span<const mgm::IfIndex> iifs,
                         std::span<const manager::Oif> oifs) noexcept {
    try {
        set_action(iifs, oifs);
        return upsert(key);
    } catch (const std::bad_alloc &) {
        refusal_ = {mgm::Errc::kTableFull, {}}; // no memory for a text either
    }
    return false;
}

void TablePlane::set_action(std::span<const mgm::IfIndex> iifs,
                            std::span<const manager::Oif> oifs) {
    action_.iifs.clear();
    action_.oifs.clear();
    for (const mgm::IfIndex iif : iifs)
        if (is_known(iif))
            action_.iifs.push_back(iif);
    for (const manager::Oif &oif : oifs) {
        if (!is_known(oif.link.interface))
            continue;
        mgm::OifSpec spec{.interface = oif.link.interface,
                          .ttl_threshold = oif.ttl_threshold,
                          .next_hop = std::nullopt};
        if (!manager::is_zero(oif.link.next_hop))
            spec.next_hop = oif.link.next_hop;
        action_.oifs.push_back(spec);
    }
}

bool TablePlane::upsert(const mgm::RouteKey &key) {
    mgm::Result<void> done = writer_.upsert(key, action_);
    if (done)
        return true;
    refusal_ = std::move(done.error());
    if (refusal_.code != mgm::Errc::kTableFull) // else the manager says what became of it
        kLog.error("{} cannot be installed: {}", key, refusal_.what);
    return false;
}

void TablePlane::remove(const mgm::RouteKey &key) noexcept {
    (void)writer_.remove(key);
}

std::uint64_t TablePlane::packets(const manager::Key &key) noexcept {
    return writer_.sums(route_key(key)).packets;
}

EntryStatistics TablePlane::read(const manager::EntryInfo &entry) {
    EntryStatistics statistics;
    statistics.oifs.resize(entry.oifs.size());
    const std::optional<mgm::EntryReport> report = writer_.report(route_key(entry.key));
    if (!report)
        return statistics;
    statistics.packets = report->sums.packets;
    statistics.octets = report->sums.octets;
    statistics.different_if = report->sums.different_in_if;
    statistics.negative = report->dropped;
    for (std::size_t i = 0; i < entry.oifs.size(); ++i)
        statistics.oifs[i] = find(report->oifs, entry.oifs[i].link);
    return statistics;
}

} // namespace control
