// SPDX-License-Identifier: BSD-3-Clause
// What the manager does, written down in the world's numbers.
#include "manager_trial.hpp"

#include <algorithm>
#include <new>

namespace mgm_test {
namespace {

using control::manager::CallbackId;
using control::manager::CallId;
using control::manager::Handle;
using control::manager::Key;
using control::manager::Oif;

Mask sources_of(std::span<const mgm::IpAddress> addresses) {
    Mask sources = 0;
    for (const mgm::IpAddress &address : addresses)
        sources |= bit(source_number(address));
    return sources;
}

int flow_of(const mgm::RouteKey &route) {
    return number_of(Key{.vrf = route.vrf,
                         .group = route.group.address,
                         .source = route.source.value_or(mgm::IpAddress{})});
}

/// A callback in the world's numbers.
struct Numbered {
    Told operator()(const control::manager::RpfRequest &c) const {
        return {.kind = CallbackKind::kRpf, .key = number_of(c.key), .link = number_of(c.in)};
    }
    Told operator()(const control::manager::CreationAlert &c) const {
        Told told{
            .kind = CallbackKind::kCreationAlert, .key = number_of(c.key), .link = number_of(c.in)};
        for (const auto &asked : c.links)
            told.links |= bit(number_of(asked.link));
        return told;
    }
    Told operator()(const control::manager::PruneAlert &c) const {
        return {.kind = CallbackKind::kPruneAlert,
                .key = number_of(c.key),
                .link = number_of(c.link),
                .flag = c.is_member_delete};
    }
    Told operator()(const control::manager::JoinAlert &c) const {
        return {
            .kind = CallbackKind::kJoinAlert, .key = number_of(c.key), .flag = c.is_member_update};
    }
    Told operator()(const control::manager::WrongIf &c) const {
        return {.kind = CallbackKind::kWrongIf, .key = number_of(c.key), .link = number_of(c.link)};
    }
    Told operator()(const control::manager::LocalJoin &c) const {
        return {
            .kind = CallbackKind::kLocalJoin, .key = number_of(c.key), .link = number_of(c.link)};
    }
    Told operator()(const control::manager::LocalLeave &c) const {
        return {
            .kind = CallbackKind::kLocalLeave, .key = number_of(c.key), .link = number_of(c.link)};
    }
    Told operator()(const control::manager::LocalUpdate &c) const {
        Mask listed = 0;
        const Mask sources = sources_of(c.sources);
        const Key &group = c.group;
        for (int number = 0; number < kKeys; ++number)
            if (key(number).group == group.group && has(sources, shape(number).source))
                listed |= bit(number);
        return {.kind = CallbackKind::kLocalUpdate,
                .key = number_of(group),
                .link = number_of(c.link),
                .links = listed,
                .flag = c.mode == FilterMode::kExclude};
    }
    Told operator()(const control::manager::AlertsDropped & /*alert*/) const {
        return {.kind = CallbackKind::kAlertsDropped};
    }
    Told operator()(const control::manager::DisableIgmp &c) const {
        return {.kind = CallbackKind::kDisableIgmp, .link = number_of(c.link)};
    }
    Told operator()(const control::manager::EnableIgmp &c) const {
        return {.kind = CallbackKind::kEnableIgmp, .link = number_of(c.link)};
    }
};

} // namespace

// --- memory

bool FailingMemory::fails() noexcept {
    if (left_ == 0)
        return false;
    if (left_ > 1) {
        --left_;
        return false;
    }
    return true;
}

void *FailingMemory::do_allocate(std::size_t octets, std::size_t alignment) {
    if (fails())
        throw std::bad_alloc();
    octets_ += octets;
    return std::pmr::new_delete_resource()->allocate(octets, alignment);
}

void FailingMemory::do_deallocate(void *block, std::size_t octets, std::size_t alignment) {
    octets_ -= octets;
    std::pmr::new_delete_resource()->deallocate(block, octets, alignment);
}

// --- effects

void ManagerTrial::reserve_client(Handle /*client*/) {
    if (memory_.fails())
        throw std::bad_alloc();
}
void ManagerTrial::client_gone(Handle /*client*/) noexcept {}
void ManagerTrial::log(control::manager::Event /*event*/, std::string_view detail) noexcept {
    write(std::string(detail));
}
void ManagerTrial::release_held(const Key & /*key*/) noexcept {}
void ManagerTrial::drop_held(const Key & /*key*/) noexcept {}
std::uint64_t ManagerTrial::packets(const Key & /*key*/) noexcept {
    return is_busy_ ? ++packets_ : 0;
}

// NOLINTNEXTLINE(bugprone-exception-escape): a test without memory may die
void ManagerTrial::deliver(Handle client, CallbackId id,
                           const control::manager::Callback &callback) noexcept {
    delivered_.push_back({std::visit(Numbered{}, callback), client, id, at_});
}

void ManagerTrial::complete(CallId call, Status status, Handle handle) noexcept {
    completed_.push_back({static_cast<std::uint64_t>(call), status, handle});
}

bool ManagerTrial::install(const mgm::RouteKey &route, std::span<const mgm::IfIndex> iifs,
                           std::span<const Oif> oifs) noexcept {
    if (memory_.fails())
        return false;
    const int flow = flow_of(route);
    if (route.source && flow == kNone)
        return false;
    Installed &entry =
        route.source ? plane_.at(static_cast<std::size_t>(flow)) : wildcards_[route.group];
    entry.is_there = true;
    entry.iifs.assign(iifs.begin(), iifs.end());
    entry.oifs = 0;
    for (const Oif &oif : oifs)
        entry.oifs |= bit(number_of(oif.link));
    return true;
}

void ManagerTrial::remove(const mgm::RouteKey &route) noexcept {
    const int flow = flow_of(route);
    if (!route.source)
        wildcards_.erase(route.group);
    else if (flow != kNone)
        plane_.at(static_cast<std::size_t>(flow)).is_there = false;
}

} // namespace mgm_test
