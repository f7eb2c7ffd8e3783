// SPDX-License-Identifier: BSD-3-Clause
// The writer's side of the (*,G/len) entries: a 256-way tree on the octets of the group, one for
// each vrf. MfeTable::find_range() walks it.
//
// A node at depth d (octet number) holds the ranges of 8d+1 .. 8d+8 bits that share its path; each
// of its 256 slots shows the longest of them that covers that octet. The writer keeps the ranges in
// private maps and writes slots only: a slot is one word, so a reader finds the old longest range
// or the new one.
// Thread: the writer.
#pragma once

#include "mgm/retired_list.hpp"
#include "mgm/tables.hpp"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mgm {

/// A group range in network form.
template <Family F>
struct GroupRange {
    Address<F> group;
    unsigned length = 0; ///< below the address's full length
};

template <Family F>
class RangeTree {
public:
    RangeTree(Tables tables, RetiredList &retired);

    /// False when the nodes are used up, even after a bounded wait for retired ones; nothing
    /// changed. The range must not be there.
    [[nodiscard]] bool insert(std::uint32_t vrf, const GroupRange<F> &range, MfeIndex entry);
    /// The range must be there.
    void remove(std::uint32_t vrf, const GroupRange<F> &range);
    [[nodiscard]] MfeIndex find(std::uint32_t vrf, const GroupRange<F> &range) const;
    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

private:
    /// The ranges that end in a node: (length, the node's octet of the group).
    using Ranges = std::map<std::pair<unsigned, std::uint8_t>, MfeIndex>;
    struct Node {
        Ranges ranges;
        std::map<std::uint8_t, std::uint32_t> children; ///< by octet
    };
    struct Step {
        std::uint32_t node;
        std::uint8_t octet; ///< that led from it
    };

    [[nodiscard]] static std::size_t depth_of(unsigned length) noexcept;
    [[nodiscard]] static std::pair<unsigned, std::uint8_t>
    place_in_node(const GroupRange<F> &range) noexcept;
    /// The node where `range` ends, 0 when the path is not there.
    [[nodiscard]] std::uint32_t node_of(std::uint32_t vrf, const GroupRange<F> &range) const;
    [[nodiscard]] bool has_room_for(std::uint32_t vrf, const GroupRange<F> &range);
    [[nodiscard]] std::uint32_t missing_nodes(std::uint32_t vrf, const GroupRange<F> &range) const;
    [[nodiscard]] std::uint32_t take_node();
    void publish_root(std::uint32_t vrf, std::uint32_t node);
    void publish_slots(std::uint32_t node);
    void prune(std::uint32_t vrf, std::vector<Step> path, std::uint32_t leaf);
    void retire(std::uint32_t node);

    [[nodiscard]] RangeNode &shared(std::uint32_t node) const noexcept {
        return tables_.at<RangeNode>(tables_.layout<F>().range_nodes)[node];
    }

    Tables tables_;
    RetiredList &retired_;
    std::vector<std::uint32_t> roots_; ///< by vrf, 0 = none
    std::map<std::uint32_t, Node> nodes_;
    std::vector<std::uint32_t> free_; ///< lowest last
    std::uint32_t count_ = 0;
};

extern template class RangeTree<Family::kIpv4>;
extern template class RangeTree<Family::kIpv6>;

} // namespace mgm
