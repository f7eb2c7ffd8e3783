// SPDX-License-Identifier: BSD-3-Clause
#include "control/state_diff.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace control {

namespace {

/// Where a key stands in two sorted vectors; kNone where it is absent.
struct Pair {
    std::uint32_t before = Step::kNone;
    std::uint32_t after = Step::kNone;
    [[nodiscard]] bool is_new() const noexcept { return before == Step::kNone; }
    [[nodiscard]] bool is_gone() const noexcept { return after == Step::kNone; }
};

/// Calls `visit` for each key of two vectors sorted by `key`, in order.
template <class T, class Key, class Visit>
void merge(const std::vector<T> &before, const std::vector<T> &after, Key key, Visit visit) {
    std::uint32_t i = 0;
    std::uint32_t j = 0;
    while (i < before.size() || j < after.size()) {
        const bool old_left = i < before.size();
        const bool new_left = j < after.size();
        if (old_left && (!new_left || key(before[i]) < key(after[j])))
            visit(Pair{.before = i++, .after = Step::kNone});
        else if (!old_left || key(after[j]) < key(before[i]))
            visit(Pair{.before = Step::kNone, .after = j++});
        else
            visit(Pair{.before = i++, .after = j++});
    }
}

using Place = std::pair<std::string, std::uint16_t>;

Place place_of(const mgm::InterfaceSpec &spec) {
    return {spec.port, spec.vlan};
}

/// How many entries and ranges of a family are there, and how many come.
struct Load {
    std::size_t entries = 0;
    std::size_t ranges = 0;
    void count(const mgm::RouteSpec &route) noexcept {
        entries += route.makes_entry() ? 1 : 0;
        ranges += route.makes_entry() && !route.key.group.is_host() ? 1 : 0;
    }
};

unsigned family_of(const mgm::RouteSpec &route) {
    return route.key.group.family() == mgm::Family::kIpv6 ? 1 : 0;
}

class Diff {
public:
    Diff(const NormalState &before, const NormalState &after, const mgm::Geometry &geometry)
        : before_(before), after_(after), geometry_(geometry) {}

    mgm::Result<std::vector<Step>> run() {
        pair_up();
        const std::size_t interfaces = before_.interfaces.size() + count_new(interfaces_);
        if (interfaces > geometry_.interfaces)
            return mgm::fail(mgm::Errc::kTableFull,
                             "old and new interfaces together are {}, more than the capacity of "
                             "{}: remove and add in two reloads, or restart",
                             interfaces, geometry_.interfaces);
        remove_routes(true);
        detach_moving();
        upsert_interfaces();
        for (const Pair &pair : neighbors_)
            if (!pair.is_gone())
                add(Step::Kind::kSetNeighbor, pair);
        upsert_routes(true);
        upsert_routes(false);
        remove_routes(false);
        for (const Pair &pair : neighbors_)
            if (pair.is_gone())
                add(Step::Kind::kForgetNeighbor, pair);
        remove_interfaces();
        return std::move(steps_);
    }

private:
    void pair_up() {
        const auto keep_changes = [](auto &pairs, const auto &before, const auto &after) {
            return [&](const Pair &pair) {
                if (pair.is_new() || pair.is_gone() || before[pair.before] != after[pair.after])
                    pairs.push_back(pair);
            };
        };
        merge(
            before_.interfaces, after_.interfaces, [](const auto &spec) { return spec.index; },
            keep_changes(interfaces_, before_.interfaces, after_.interfaces));
        merge(
            before_.neighbors, after_.neighbors,
            [](const auto &neighbor) {
                return std::pair{neighbor.interface, neighbor.address};
            },
            keep_changes(neighbors_, before_.neighbors, after_.neighbors));
        merge(
            before_.routes, after_.routes, [](const auto &route) { return name_of(route); },
            keep_changes(routes_, before_.routes, after_.routes));
    }

    static std::size_t count_new(const std::vector<Pair> &pairs) {
        return static_cast<std::size_t>(std::count_if(
            pairs.begin(), pairs.end(), [](const Pair &pair) { return pair.is_new(); }));
    }

    /// Families whose old and new routes do not fit together.
    [[nodiscard]] std::array<bool, 2> tight_families() const {
        std::array<Load, 2> load{};
        for (const mgm::RouteSpec &route : before_.routes)
            load[family_of(route)].count(route);
        for (const Pair &pair : routes_)
            if (!pair.is_gone() && (pair.is_new() || !before_.routes[pair.before].makes_entry()))
                load[family_of(after_.routes[pair.after])].count(after_.routes[pair.after]);
        return {load[0].entries > geometry_.ipv4_entries || load[0].ranges > geometry_.ipv4_ranges,
                load[1].entries > geometry_.ipv6_entries || load[1].ranges > geometry_.ipv6_ranges};
    }

    void remove_routes(bool of_tight_families) {
        const std::array<bool, 2> tight = tight_families();
        for (const Pair &pair : routes_)
            if (pair.is_gone() &&
                tight[family_of(before_.routes[pair.before])] == of_tight_families)
                add(Step::Kind::kRemoveRoute, pair);
    }

    /// First those that need an entry no more: others may need the room.
    void upsert_routes(bool leaving_an_entry) {
        for (const Pair &pair : routes_) {
            if (pair.is_gone())
                continue;
            const bool leaves = !pair.is_new() && before_.routes[pair.before].makes_entry() &&
                                !after_.routes[pair.after].makes_entry();
            if (leaves == leaving_an_entry)
                add(Step::Kind::kUpsertRoute, pair);
        }
    }

    [[nodiscard]] bool moves(const Pair &pair) const {
        return !pair.is_new() && !pair.is_gone() &&
               place_of(before_.interfaces[pair.before]) != place_of(after_.interfaces[pair.after]);
    }

    /// Off its port early: who moves, and who leaves a place that somebody else takes.
    void detach_moving() {
        for (const Pair &pair : interfaces_)
            if (moves(pair) || pair.is_new())
                claimed_.insert(place_of(after_.interfaces[pair.after]));
        for (const Pair &pair : interfaces_)
            if (moves(pair) || (pair.is_gone() && is_claimed(pair)))
                add(Step::Kind::kDetach, pair);
    }

    [[nodiscard]] bool is_claimed(const Pair &gone) const {
        return claimed_.contains(place_of(before_.interfaces[gone.before]));
    }

    void upsert_interfaces() {
        for (const Pair &pair : interfaces_)
            if (!pair.is_gone())
                add(Step::Kind::kUpsertInterface, pair);
        for (const Pair &pair : interfaces_)
            if (pair.is_new() || moves(pair))
                add(Step::Kind::kAttach, pair);
    }

    /// What may still fail comes before anybody is told that they go.
    void remove_interfaces() {
        for (const Pair &pair : interfaces_)
            if (pair.is_gone() && !is_claimed(pair))
                add(Step::Kind::kDetach, pair);
        for (const Pair &pair : interfaces_)
            if (pair.is_gone())
                add(Step::Kind::kRemoveInterface, pair);
    }

    void add(Step::Kind kind, const Pair &pair) {
        steps_.push_back(Step{.kind = kind, .before = pair.before, .after = pair.after});
    }

    const NormalState &before_;
    const NormalState &after_;
    const mgm::Geometry &geometry_;
    std::vector<Pair> interfaces_; ///< what differs only
    std::vector<Pair> neighbors_;
    std::vector<Pair> routes_;
    std::set<Place> claimed_;
    std::vector<Step> steps_;
};

} // namespace

mgm::Result<std::vector<Step>> diff(const NormalState &before, const NormalState &after,
                                    const mgm::Geometry &geometry) {
    return Diff(before, after, geometry).run();
}

} // namespace control
