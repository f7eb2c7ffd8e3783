// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/own_address_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace mgm {

namespace {

constexpr std::uint32_t kPlacesPerAddress = 4;

/// A zero address is an empty place, and no host's.
template <Family F>
bool belongs(const OwnAddress &own) {
    return own.address.family() == F && own.address.as<F>() != Address<F>{};
}

template <Family F>
std::vector<FlowKey<F>> places_for(std::span<const OwnAddress> all, const HashSalt &salt) {
    const auto count =
        static_cast<std::uint32_t>(std::count_if(all.begin(), all.end(), belongs<F>));
    std::vector<FlowKey<F>> places(std::bit_ceil((count + 1) * kPlacesPerAddress));
    const auto mask = static_cast<std::uint32_t>(places.size() - 1);
    for (const OwnAddress &own : all) {
        if (!belongs<F>(own))
            continue;
        const FlowKey<F> key{own.address.as<F>(), {}, own.vrf};
        auto place = static_cast<std::uint32_t>(hash_of(key, salt)) & mask;
        while (places[place].source != Address<F>{} && places[place] != key)
            place = (place + 1) & mask;
        places[place] = key;
    }
    return places;
}

} // namespace

bool OwnAddressWriter::prepare(std::span<const OwnAddress> all) {
    ipv4_ = build<Family::kIpv4>(all);
    ipv6_ = build<Family::kIpv6>(all);
    if (ipv4_ != kNoBlock && ipv6_ != kNoBlock)
        return true;
    discard();
    return false;
}

void OwnAddressWriter::publish() {
    publish_family<Family::kIpv4>(std::exchange(ipv4_, kNoBlock));
    publish_family<Family::kIpv6>(std::exchange(ipv6_, kNoBlock));
}

void OwnAddressWriter::discard() {
    for (BlockRef *ref : {&ipv4_, &ipv6_})
        if (*ref != kNoBlock)
            arena_.free(std::exchange(*ref, kNoBlock));
}

template <Family F>
BlockRef OwnAddressWriter::build(std::span<const OwnAddress> all) {
    const auto places = places_for<F>(all, tables_.header().salt);
    const auto count = static_cast<std::uint32_t>(std::count_if(
        places.begin(), places.end(), [](const auto &p) { return p.source != Address<F>{}; }));
    const auto mask = static_cast<std::uint32_t>(places.size() - 1);
    OwnAddresses set{};
    set.count = count;
    set.mask = mask;
    for (const FlowKey<F> &place : places)
        if (place.source != Address<F>{}) {
            const std::uint32_t bit = filter_bit(place.source);
            set.filter[bit / 32] |= std::uint32_t{1} << bit % 32;
        }
    const auto *fields = reinterpret_cast<const std::byte *>(&set);
    std::vector<std::byte> contents(fields + sizeof(BlockHeader), fields + sizeof set);
    const auto octets = std::as_bytes(std::span(places));
    contents.insert(contents.end(), octets.begin(), octets.end());
    return arena_.make(BlockKind::kOwnAddresses, contents);
}

template <Family F>
void OwnAddressWriter::publish_family(BlockRef ref) {
    auto &root = tables_.own_address_root<F>();
    // relaxed: one writer, the value is ours
    const BlockRef before{root.load(std::memory_order_relaxed)};
    // release: the set is visible before its reference; pairs with Tables::is_own_address()
    root.store(static_cast<std::uint32_t>(ref), std::memory_order_release);
    arena_.retire(before);
}

} // namespace mgm
