// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/held_packets.hpp"

#include <algorithm>

namespace dataplane {

namespace {

constexpr std::uint32_t kFlowsPerBucket = 4; // half full at most, as the entry tables

std::uint64_t slot_word(std::uint32_t tag, std::uint32_t index) noexcept {
    return std::uint64_t{tag} << 32U | index;
}

/// Strings 1 … size - 1 together as free; returns the first.
template <class Element>
std::uint32_t string_up(std::vector<Element> &elements, std::uint32_t Element::*next) noexcept {
    std::uint32_t first = 0;
    for (auto i = static_cast<std::uint32_t>(elements.size()); --i > 0;) {
        elements[i].*next = first;
        first = i;
    }
    return first;
}

} // namespace

HeldPackets::HeldPackets(const Limits &limits, const mgm::HashSalt &salt)
    : limits_(limits),
      salt_(salt),
      buckets_(limits.flows / kFlowsPerBucket + 1),
      flows_(limits.flows + std::size_t{1}),
      packets_(limits.packets + std::size_t{1}),
      free_flow_(string_up(flows_, &Flow::newer)),
      free_packet_(string_up(packets_, &Packet::next)) {}

mgm::HashPlace HeldPackets::where(const mgm::AnyFlow &flow) const noexcept {
    // Both families at once: no IPv4 group begins as IPv6 groups do.
    const mgm::FlowKey<mgm::Family::kIpv6> key{{flow.source}, {flow.group}, flow.vrf};
    return mgm::place_of(mgm::hash_of(key, salt_), static_cast<std::uint32_t>(buckets_.size()));
}

HeldPackets::Place HeldPackets::find(const mgm::AnyFlow &flow) const noexcept {
    const mgm::HashPlace place = where(flow);
    for (const std::uint32_t bucket : {place.first, place.second})
        for (const std::uint64_t word : buckets_[bucket].slots) {
            const auto index = static_cast<std::uint32_t>(word);
            if (word >> 32U == place.tag && flows_[index].key == flow)
                return Place{index};
        }
    return kNoPlace;
}

HeldPackets::Place HeldPackets::open(const mgm::AnyFlow &flow, std::uint64_t now) noexcept {
    const Place known = find(flow);
    if (known != kNoPlace || free_flow_ == 0)
        return known;
    const mgm::HashPlace place = where(flow);
    std::uint64_t *slot = free_slot(place);
    if (slot == nullptr)
        return kNoPlace;
    const std::uint32_t index = free_flow_;
    Flow &opened = flows_[index];
    free_flow_ = opened.newer;
    *slot = slot_word(place.tag, index);
    opened = {.key = flow, .opened = now, .older = flows_.front().older};
    flows_[opened.older].newer = index;
    flows_.front().older = index;
    ++flow_count_;
    return Place{index};
}

/// In the emptier bucket, so that both stay half full.
std::uint64_t *HeldPackets::free_slot(const mgm::HashPlace &place) noexcept {
    const auto used = [this](std::uint32_t bucket) {
        const auto &slots = buckets_[bucket].slots;
        return slots.size() - static_cast<std::size_t>(std::count(slots.begin(), slots.end(), 0U));
    };
    auto &slots =
        buckets_[used(place.first) <= used(place.second) ? place.first : place.second].slots;
    auto *const slot = std::find(slots.begin(), slots.end(), 0U);
    return slot == slots.end() ? nullptr : slot;
}

void HeldPackets::close(Place place) noexcept {
    const std::size_t index = index_of(place);
    Flow &flow = flows_[index];
    *slot_of(flow.key, place) = 0;
    flows_[flow.older].newer = flow.newer;
    flows_[flow.newer].older = flow.older;
    flow.newer = free_flow_;
    free_flow_ = static_cast<std::uint32_t>(index);
    --flow_count_;
}

std::uint64_t *HeldPackets::slot_of(const mgm::AnyFlow &flow, Place place) noexcept {
    const mgm::HashPlace hash = where(flow);
    const std::uint64_t word = slot_word(hash.tag, static_cast<std::uint32_t>(place));
    auto &first = buckets_[hash.first].slots;
    auto *const slot = std::find(first.begin(), first.end(), word);
    return slot != first.end() ? slot
                               : std::find(buckets_[hash.second].slots.begin(),
                                           buckets_[hash.second].slots.end(), word);
}

HeldPackets::Room HeldPackets::room_for(Place place) const noexcept {
    if (flows_[index_of(place)].count >= limits_.packets_per_flow)
        return Room::kFlowFull;
    return free_packet_ == 0 ? Room::kFull : Room::kYes;
}

void HeldPackets::add(Place place, const HeldPacket &packet) noexcept {
    const std::uint32_t index = free_packet_;
    free_packet_ = packets_[index].next;
    packets_[index] = {packet, 0};
    Flow &flow = flows_[index_of(place)];
    (flow.first == 0 ? flow.first : packets_[flow.last].next) = index;
    flow.last = index;
    ++flow.count;
    ++packet_count_;
}

unsigned HeldPackets::take(Place place, std::span<HeldPacket> packets) noexcept {
    Flow &flow = flows_[index_of(place)];
    unsigned taken = 0;
    for (; taken < packets.size() && flow.first != 0; ++taken) {
        const std::uint32_t index = flow.first;
        packets[taken] = packets_[index].packet;
        flow.first = packets_[index].next;
        packets_[index].next = free_packet_;
        free_packet_ = index;
    }
    flow.count -= taken;
    packet_count_ -= taken;
    return taken;
}

} // namespace dataplane
