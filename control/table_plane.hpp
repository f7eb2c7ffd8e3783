// SPDX-License-Identifier: BSD-3-Clause
// The shared tables, as the group manager sees them: its entries become the tables' entries, the
// tables' counters its statistics. Nobody else writes entries. Control thread only.
#pragma once

#include "control/client/transport.hpp"
#include "control/manager/effects.hpp"
#include "mgm/table_writer.hpp"

#include <cstdint>
#include <functional>
#include <set>

namespace control {

class TablePlane : public manager::ForwardingPlane, public StatisticsReader {
public:
    /// What becomes of the packets that workers hold for an (S,G).
    struct Held {
        std::function<void(const manager::Key &)> release;
        std::function<void(const manager::Key &)> drop;
    };

    /// `writer` outlives it.
    TablePlane(mgm::TableWriter &writer, Held held);

    /// From here on no entry names it, until interface_is_back(): it is about to leave the tables.
    void interface_leaves(mgm::IfIndex index) { leaving_.insert(index); }
    void interface_is_back(mgm::IfIndex index) { leaving_.erase(index); }

    // --- ForwardingPlane
    /// Interfaces that the tables do not know (8.25: ownership of any index is possible) are left
    /// out.
    [[nodiscard]] bool install(const mgm::RouteKey &key, std::span<const mgm::IfIndex> iifs,
                               std::span<const manager::Oif> oifs) noexcept override;
    void remove(const mgm::RouteKey &key) noexcept override;
    void release_held(const manager::Key &key) noexcept override { held_.release(key); }
    void drop_held(const manager::Key &key) noexcept override { held_.drop(key); }
    [[nodiscard]] std::uint64_t packets(const manager::Key &key) noexcept override;

    /// Why an install() said no, the last one that did since forget_refusal().
    [[nodiscard]] const mgm::Error &refusal() const noexcept { return refusal_; }
    void forget_refusal() noexcept { refusal_.what.clear(); }

    // --- StatisticsReader
    [[nodiscard]] EntryStatistics read(const manager::EntryInfo &entry) override;

private:
    [[nodiscard]] bool is_known(mgm::IfIndex index) const {
        return !leaving_.contains(index) && writer_.slot_of(index).has_value();
    }
    void set_action(std::span<const mgm::IfIndex> iifs, std::span<const manager::Oif> oifs);
    [[nodiscard]] bool upsert(const mgm::RouteKey &key);

    mgm::TableWriter &writer_;
    Held held_;
    std::set<mgm::IfIndex> leaving_;
    mgm::RouteAction action_; ///< kept for its memory
    mgm::Error refusal_;
};

} // namespace control
