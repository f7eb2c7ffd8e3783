// SPDX-License-Identifier: BSD-3-Clause
#include "control/table_plane.hpp"

#include "mgm/log.hpp"

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

} // namespace

TablePlane::TablePlane(mgm::TableWriter &writer, Held held)
    : writer_(writer), reader_(writer.tables()), held_(std::move(held)) {}

bool TablePlane::install(const mgm::RouteKey &key, std::span<const mgm::IfIndex> iifs,
                         std::span<const manager::Oif> oifs) noexcept {
    try {
        set_action(iifs, oifs);
        const bool is_negative = action_.oifs.empty();
        auto entry = negatives_.find(key);
        if (entry == negatives_.end() && !is_negative)
            return upsert(key);
        const bool is_new = entry == negatives_.end();
        if (is_new)
            entry = negatives_.try_emplace(key).first;
        if (upsert(key)) {
            note_state(key, entry->second, is_negative);
            return true;
        }
        if (is_new)
            negatives_.erase(entry);
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
    negatives_.erase(key);
    (void)writer_.remove(key);
}

void TablePlane::note_state(const mgm::RouteKey &key, Negative &entry, bool is_negative) {
    if (entry.is_negative == is_negative)
        return;
    const std::uint64_t packets = sums(key).packets;
    if (entry.is_negative)
        entry.dropped += packets - entry.since;
    entry.since = packets;
    entry.is_negative = is_negative;
}

std::uint64_t TablePlane::packets(const manager::Key &key) noexcept {
    return sums(route_key(key)).packets;
}

mgm::EntrySums TablePlane::sums(const mgm::RouteKey &key) const {
    const std::optional<mgm::MfeIndex> index = writer_.find(key);
    if (!index)
        return {};
    const auto of = [](const auto &copy) { return copy ? copy->sums : mgm::EntrySums{}; };
    return key.group.family() == mgm::Family::kIpv4 ? of(reader_.entry<mgm::Family::kIpv4>(*index))
                                                    : of(reader_.entry<mgm::Family::kIpv6>(*index));
}

EntryStatistics TablePlane::read(const manager::EntryInfo &entry) {
    const mgm::RouteKey key = route_key(entry.key);
    const mgm::EntrySums from = sums(key);
    EntryStatistics statistics;
    statistics.packets = from.packets;
    statistics.octets = from.octets;
    statistics.different_if = from.different_in_if;
    if (const auto found = negatives_.find(key); found != negatives_.end())
        statistics.negative = found->second.dropped +
                              (found->second.is_negative ? from.packets - found->second.since : 0);
    statistics.oifs.resize(entry.oifs.size());
    return statistics;
}

} // namespace control
