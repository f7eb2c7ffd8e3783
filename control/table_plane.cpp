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
        const auto [ours, is_new] = ours_.try_emplace(key);
        if (is_new && writer_.find(key)) {
            ours_.erase(ours);
            return false;
        }
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
        const mgm::Result<void> done = writer_.upsert(key, action_);
        if (!done) {
            kLog.warning("{} cannot be installed: {}", key, done.error().what);
            if (is_new)
                ours_.erase(ours);
            return false;
        }
        note_state(key, ours->second, action_.oifs.empty());
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
}

void TablePlane::remove(const mgm::RouteKey &key) noexcept {
    if (ours_.erase(key) != 0)
        (void)writer_.remove(key);
}

void TablePlane::note_state(const mgm::RouteKey &key, Installed &entry, bool is_negative) {
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
    if (const auto ours = ours_.find(key); ours != ours_.end())
        statistics.negative = ours->second.dropped +
                              (ours->second.is_negative ? from.packets - ours->second.since : 0);
    statistics.oifs.resize(entry.oifs.size());
    return statistics;
}

} // namespace control
