// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/range_tree.hpp"

#include <algorithm>
#include <array>

namespace mgm {

template <Family F>
RangeTree<F>::RangeTree(Tables tables, RetiredList &retired)
    : tables_(tables), retired_(retired), roots_(tables.geometry().vrfs) {
    for (std::uint32_t node = tables.layout<F>().range_node_count - 1; node >= 1; --node)
        free_.push_back(node);
}

/// ff00::/8 ends in the root of IPv6, which stands for octet 1: it covers all of it.
template <Family F>
std::size_t RangeTree<F>::depth_of(unsigned length) noexcept {
    const std::size_t depth = length == 0 ? 0 : (length - 1) / 8;
    return std::max(depth, kFirstRangeOctet<F>);
}

template <Family F>
std::pair<unsigned, std::uint8_t> RangeTree<F>::place_in_node(const GroupRange<F> &range) noexcept {
    return {range.length, octets_of(range.group)[depth_of(range.length)]};
}

template <Family F>
std::uint32_t RangeTree<F>::node_of(std::uint32_t vrf, const GroupRange<F> &range) const {
    std::uint32_t node = roots_[vrf];
    for (std::size_t d = kFirstRangeOctet<F>; node != 0 && d < depth_of(range.length); ++d) {
        const auto &children = nodes_.at(node).children;
        const auto child = children.find(octets_of(range.group)[d]);
        node = child == children.end() ? 0 : child->second;
    }
    return node;
}

template <Family F>
MfeIndex RangeTree<F>::find(std::uint32_t vrf, const GroupRange<F> &range) const {
    const std::uint32_t node = node_of(vrf, range);
    if (node == 0)
        return kNoMfe;
    const Ranges &ranges = nodes_.at(node).ranges;
    const auto found = ranges.find(place_in_node(range));
    return found == ranges.end() ? kNoMfe : found->second;
}

template <Family F>
std::uint32_t RangeTree<F>::missing_nodes(std::uint32_t vrf, const GroupRange<F> &range) const {
    std::size_t depth = depth_of(range.length);
    GroupRange<F> above = range;
    std::uint32_t missing = 0;
    while (node_of(vrf, above) == 0) {
        ++missing;
        if (depth == kFirstRangeOctet<F>)
            break;
        above.length = static_cast<unsigned>(depth) * 8; // ends in the node above
        --depth;
    }
    return missing;
}

template <Family F>
bool RangeTree<F>::has_room_for(std::uint32_t vrf, const GroupRange<F> &range) {
    const std::uint32_t missing = missing_nodes(vrf, range);
    if (missing > free_.size())
        retired_.wait_and_reclaim();
    return missing <= free_.size();
}

template <Family F>
bool RangeTree<F>::insert(std::uint32_t vrf, const GroupRange<F> &range, MfeIndex entry) {
    if (!has_room_for(vrf, range))
        return false;
    if (roots_[vrf] == 0)
        publish_root(vrf, take_node());
    std::uint32_t node = roots_[vrf];
    for (std::size_t d = kFirstRangeOctet<F>; d < depth_of(range.length); ++d) {
        const std::uint8_t octet = octets_of(range.group)[d];
        std::uint32_t &child = nodes_[node].children[octet];
        if (child == 0) {
            child = take_node();
            publish_slots(node);
        }
        node = child;
    }
    nodes_[node].ranges.emplace(place_in_node(range), entry);
    publish_slots(node);
    ++count_;
    return true;
}

template <Family F>
void RangeTree<F>::remove(std::uint32_t vrf, const GroupRange<F> &range) {
    std::vector<Step> path;
    std::uint32_t node = roots_[vrf];
    for (std::size_t d = kFirstRangeOctet<F>; d < depth_of(range.length); ++d) {
        const std::uint8_t octet = octets_of(range.group)[d];
        path.push_back({node, octet});
        node = nodes_.at(node).children.at(octet);
    }
    nodes_.at(node).ranges.erase(place_in_node(range));
    publish_slots(node);
    --count_;
    prune(vrf, std::move(path), node);
}

/// Takes away the nodes from the leaf up that hold nothing any more.
template <Family F>
void RangeTree<F>::prune(std::uint32_t vrf, std::vector<Step> path, std::uint32_t leaf) {
    const auto is_empty = [this](std::uint32_t node) {
        const Node &own = nodes_.at(node);
        return own.ranges.empty() && own.children.empty();
    };
    while (is_empty(leaf)) {
        const std::uint32_t going = leaf;
        if (path.empty()) {
            publish_root(vrf, 0);
            retire(going);
            return;
        }
        leaf = path.back().node;
        nodes_.at(leaf).children.erase(path.back().octet);
        path.pop_back();
        publish_slots(leaf);
        retire(going);
    }
}

/// A node without contents; its shared slots are all 0.
template <Family F>
std::uint32_t RangeTree<F>::take_node() {
    const std::uint32_t node = free_.back();
    free_.pop_back();
    nodes_.emplace(node, Node{});
    for (auto &slot : shared(node).slots)
        slot.store(0, std::memory_order_relaxed); // relaxed: published with the node's reference
    return node;
}

template <Family F>
void RangeTree<F>::retire(std::uint32_t node) {
    nodes_.erase(node);
    retired_.retire([this, node] { free_.push_back(node); });
}

template <Family F>
void RangeTree<F>::publish_root(std::uint32_t vrf, std::uint32_t node) {
    roots_[vrf] = node;
    // release: the node's slots are visible before its number; pairs with MfeTable::find_range()
    tables_.at<std::atomic<std::uint32_t>>(tables_.layout<F>().vrf_roots)[vrf].store(
        node, std::memory_order_release);
}

/// Recomputes what the slots show, and stores those that changed.
template <Family F>
void RangeTree<F>::publish_slots(std::uint32_t node) {
    std::array<std::uint64_t, 256> wanted{};
    const Node &own = nodes_.at(node);
    for (const auto &[place, entry] : own.ranges) { // shortest first, so the longest stays
        const auto [length, octet] = place;
        const auto depth_bits = static_cast<unsigned>(depth_of(length)) * 8;
        const unsigned bits = length - std::min(length, depth_bits); // of this octet
        const std::size_t width = std::size_t{1} << (8 - bits);
        std::fill_n(wanted.begin() + octet, width, static_cast<std::uint32_t>(entry));
    }
    for (const auto &[octet, child] : own.children)
        wanted[octet] |= std::uint64_t{child} << 32U;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto &slot = shared(node).slots[i];
        // relaxed: one writer, the value is ours
        if (slot.load(std::memory_order_relaxed) != wanted[i])
            // release: the entry and the next node are visible; pairs with MfeTable::find_range()
            slot.store(wanted[i], std::memory_order_release);
    }
}

template class RangeTree<Family::kIpv4>;
template class RangeTree<Family::kIpv6>;

} // namespace mgm
