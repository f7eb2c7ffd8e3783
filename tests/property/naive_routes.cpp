// SPDX-License-Identifier: BSD-3-Clause
// Static routes (mgm-spec 8.1 b): exact ones are entries, those of any source wildcard entries of
// the tables, all others act when data makes an entry.
#include "naive_manager.hpp"

#include <algorithm>

namespace mgm_test {

using control::manager::includes;

void NaiveManager::route(std::uint64_t call, int client, RouteAct act, int number,
                         const NaiveRoute &route, bool is_forbidden) {
    if (!is_alive(client))
        return end(call, Status::kInvalidParameter);
    if (no_memory.contains(call))
        return end(call, Status::kNotEnoughMemory);
    if (is_forbidden)
        return end(call, Status::kCanNotComplete);
    const Registration &caller = registration(client);
    if (caller.role != Role::kStatic || !includes(caller.families, static_shape(number).family))
        return end(call, Status::kInvalidParameter);
    const bool is_there = static_routes_.contains(number) &&
                          !(act == RouteAct::kAdd && held_routes_.contains(number));
    if (is_there == (act == RouteAct::kAdd))
        return end(call, is_there ? Status::kInvalidParameter : Status::kNotFound);
    held_routes_.erase(number);
    if (act == RouteAct::kRemove)
        static_routes_.erase(number);
    else
        static_routes_[number] = route;
    settle(kNone);
    end(call, Status::kOk);
}

/// After its memberships: one step for all.
void NaiveManager::remove_routes_of(int client) {
    if (registration(client).role != Role::kStatic)
        return;
    static_routes_.clear();
    held_routes_.clear();
    settle(kNone);
}

bool NaiveManager::is_wildcard(int number) const {
    const NaiveRoute &route = static_routes_.at(number);
    return static_shape(number).source == 0 && !route.iifs.empty() && !route.is_per_source;
}

/// The longest group, then the longest source. What is one entry of the tables has nothing to do
/// with source-specific groups, which those do not match with it.
const NaiveRoute *NaiveManager::best_route(int flow) const {
    const NaiveRoute *best = nullptr;
    std::pair<int, int> longest{-1, -1};
    for (const auto &[number, route] : static_routes_) {
        const StaticShape &its = static_shape(number);
        const std::pair<int, int> lengths{group_prefix(its.family, its.group).length,
                                          source_prefix(its).length};
        if (is_of(its, flow) && lengths > longest && !(is_wildcard(number) && shape(flow).is_ssm)) {
            best = &route;
            longest = lengths;
        }
    }
    return best;
}

bool NaiveManager::is_named(int link, int flow) const {
    const NaiveRoute *route = best_route(flow);
    return route != nullptr && has(route->oifs, link);
}

const NaiveRoute *NaiveManager::exact_route(int flow) const {
    for (const auto &[number, route] : static_routes_)
        if (static_shape(number).source > 0 && static_shape(number).group > 0 &&
            is_of(static_shape(number), flow) && !route.iifs.empty() && !route.is_per_source)
            return &route;
    return nullptr;
}

/// The longest wildcard route around `group`.
int NaiveManager::governor(const mgm::IpPrefix &group) const {
    int best = kNone;
    int longest = -1;
    for (const auto &[number, route] : static_routes_) {
        const StaticShape &its = static_shape(number);
        const mgm::IpPrefix range = group_prefix(its.family, its.group);
        if (is_wildcard(number) && range.contains(group.address) && range.length <= group.length &&
            range.length > longest) {
            best = number;
            longest = range.length;
        }
    }
    return best;
}

/// Somebody wants it, or does not; or IGMP did before a hand-over whose grace time is not over.
bool NaiveManager::has_state(int key) const {
    const auto says = [&](const Contribution &c) { return has(c.joins | c.excluded, key); };
    return std::any_of(contributions_.begin(), contributions_.end(),
                       [&](const auto &c) { return says(c.second); }) ||
           std::any_of(graces_.begin(), graces_.end(),
                       [&](const auto &g) { return !g.second.is_abort && says(g.second.old); });
}

namespace {

mgm::IpPrefix host(const mgm::IpAddress &group) {
    return {group, static_cast<std::uint8_t>(group.bits())};
}

} // namespace

bool NaiveManager::is_kept(int flow) const {
    return governor(host(key(flow).group)) != kNone && !shape(flow).is_ssm &&
           exact_route(flow) == nullptr && has_state(flow);
}

bool NaiveManager::goes_by_wildcard(int flow) const {
    return governor(host(key(flow).group)) != kNone && !shape(flow).is_ssm &&
           exact_route(flow) == nullptr && !has_state(flow);
}

/// What routes say of entries, before anything else is looked at.
void NaiveManager::follow_routes() {
    std::erase_if(entries_, [&](const auto &entry) {
        const bool is_exact = exact_route(entry.first) != nullptr;
        return entry.second.is_exact != is_exact || goes_by_wildcard(entry.first);
    });
    for (int flow = 0; flow < kKeys; ++flow) {
        const NaiveRoute *route = is_flow(flow) ? exact_route(flow) : nullptr;
        if (route == nullptr)
            continue;
        NaiveEntry &entry = entries_[flow];
        if (!entry.is_exact) {
            entry.is_exact = true;
            entry.incarnation = ++last_number_;
            entry.created = now_;
            entry.stage = NaiveEntry::Stage::kLive;
            entry.started = now_;
            for (int link = 0; link < kLinks; ++link)
                if (const int grace = grace_covering(entry, link, flow);
                    grace != kNone && !contributes(slot(link).igmp, link, flow))
                    entry.marks[link] = grace;
        }
        entry.accepted = route->iifs;
        entry.in = plain_link(static_cast<std::uint32_t>(route->iifs.front()), shape(flow).family);
    }
    follow_wildcards();
}

/// Their own entries, and those of groups with members inside them.
void NaiveManager::follow_wildcards() {
    std::set<mgm::IpPrefix> needed;
    for (const auto &[number, route] : static_routes_)
        if (is_wildcard(number))
            needed.insert(group_prefix(static_shape(number).family, static_shape(number).group));
    for (int number = 0; number < kKeys; ++number)
        if (!is_flow(number) && shape(number).group != 0 && !shape(number).is_ssm &&
            has_state(number) && governor(host(key(number).group)) != kNone)
            needed.insert(host(key(number).group));
    std::erase_if(wildcards_, [&](const auto &w) { return !needed.contains(w.first); });
    for (const mgm::IpPrefix &group : needed) {
        const auto [made, is_new] = wildcards_.try_emplace(group);
        for (const auto &[number, grace] : graces_)
            if (is_new && !grace.is_abort && contributes(grace.old, group) &&
                !contributes(said_by_igmp(grace.link), group))
                made->second.marks[grace.link] = number; // the latest
    }
}

bool NaiveManager::contributes(const Contribution &contribution, const mgm::IpPrefix &wildcard) {
    for (int number = 0; number < kKeys; ++number)
        if (has(contribution.joins, number) && !is_flow(number) &&
            shape(number).family == wildcard.family() &&
            (shape(number).group == 0 ||
             (wildcard.is_host() && key(number).group == wildcard.address)))
            return true;
    return false;
}

NaiveManager::Contribution NaiveManager::said_by_igmp(int link) const {
    const auto found = contributions_.find({slot(link).igmp, link});
    return found == contributions_.end() ? Contribution{} : found->second;
}

void NaiveManager::mark_wildcards(int link, int grace) {
    for (auto &[group, wildcard] : wildcards_)
        if (contributes(graces_.at(grace).old, group))
            wildcard.marks.insert({link, grace});
}

void NaiveManager::refresh_wildcard_marks(int link) {
    for (auto &[group, wildcard] : wildcards_) {
        const auto mark = wildcard.marks.find(link);
        if (mark == wildcard.marks.end())
            continue;
        const auto grace = graces_.find(mark->second);
        if (grace == graces_.end() || !contributes(grace->second.old, group) ||
            contributes(said_by_igmp(link), group))
            wildcard.marks.erase(mark);
    }
}

Way NaiveManager::way_of(const mgm::IpPrefix &group, const NaiveWildcard &wildcard) const {
    const NaiveRoute &route = static_routes_.at(governor(group));
    Way way{.iifs = route.iifs, .oifs = 0};
    for (int number = 0; number < kLinks; ++number) {
        const bool is_joined =
            std::any_of(contributions_.begin(), contributions_.end(), [&](const auto &c) {
                return c.first.second == number && contributes(c.second, group);
            });
        const bool is_in =
            std::find(way.iifs.begin(), way.iifs.end(), link(number).interface) != way.iifs.end();
        const bool is_named = has(route.oifs, number);
        if (is_in ? is_named && way.iifs.size() > 1
                  : is_joined || is_named || wildcard.marks.contains(number))
            way.oifs |= bit(number);
    }
    return way;
}

std::optional<Way> NaiveManager::wildcard_way(const mgm::IpAddress &group) const {
    const std::pair<const mgm::IpPrefix, NaiveWildcard> *longest = nullptr;
    for (const auto &wildcard : wildcards_)
        if (wildcard.first.contains(group) &&
            (longest == nullptr || wildcard.first.length > longest->first.length))
            longest = &wildcard;
    return longest == nullptr ? std::nullopt
                              : std::optional(way_of(longest->first, longest->second));
}

void NaiveManager::make_due_entries() {
    for (int flow = 0; flow < kKeys; ++flow)
        if (is_flow(flow) && is_kept(flow) && !entries_.contains(flow))
            new_source(flow, 0);
}

} // namespace mgm_test
