// SPDX-License-Identifier: BSD-3-Clause
// Clients and handles: kind in the upper two bits, generation, position. A position is used again,
// a handle never.
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

namespace {

enum class HandleKind : std::uint64_t { kClient = 1, kEnumeration = 2 };
constexpr std::uint32_t kLastGeneration = (1U << 30) - 1;

Handle make_handle(HandleKind kind, std::uint32_t generation, std::size_t position) noexcept {
    return Handle{static_cast<std::uint64_t>(kind) << 62 | std::uint64_t{generation} << 32 |
                  position};
}

/// The slot that the handle names, if it is of that kind and generation.
template <class Slots>
auto *slot_of(Slots &slots, HandleKind kind, Handle handle) noexcept {
    const auto value = static_cast<std::uint64_t>(handle);
    const auto position = static_cast<std::uint32_t>(value);
    decltype(slots.data()) none = nullptr;
    if (value >> 62 != static_cast<std::uint64_t>(kind) || position >= slots.size())
        return none;
    return slots[position].generation == (value >> 32 & kLastGeneration) ? &slots[position] : none;
}

/// A free slot, with a generation that it never had.
template <class Slots, class IsFree>
std::size_t take_slot(Slots &slots, IsFree is_free) {
    const auto free = std::ranges::find_if(slots, [&](const auto &slot) {
        return is_free(slot) && slot.generation < kLastGeneration;
    });
    const auto position = static_cast<std::size_t>(free - slots.begin());
    if (free == slots.end())
        slots.emplace_back();
    ++slots[position].generation;
    return position;
}

} // namespace

Client *Manager::Impl::find_client(Handle handle) const noexcept {
    const ClientSlot *slot = slot_of(client_slots_, HandleKind::kClient, handle);
    return slot == nullptr ? nullptr : slot->client;
}

Client *Manager::Impl::client_of(Handle handle) noexcept {
    Client *client = find_client(handle);
    if (client == nullptr)
        log(Event::kBadHandle, "handle {:#x} is nobody's", static_cast<std::uint64_t>(handle));
    return client;
}

void Manager::Impl::register_client(const Call &call, const Registration &registration) {
    if (call.inside)
        return done(call, Status::kCanNotComplete);
    if (!is_valid(registration))
        return done(call, Status::kInvalidParameter);
    Client *held = find_identity(registration);
    if ((held != nullptr && !may_adopt(*held, registration)) ||
        (held == nullptr && has_static_client(registration))) {
        log(Event::kComponentRegistered, "protocol {} component {} is registered",
            registration.identity.protocol, registration.identity.component);
        return done(call, Status::kAlreadyExists);
    }
    const std::uint64_t bit = held != nullptr ? held->bit : free_bit(registration.vrf);
    if (bit == 0 && registration.role != Role::kStatic) {
        log(Event::kOutOfMemory, "vrf {} has as many protocols as it can have",
            static_cast<unsigned>(registration.vrf));
        return done(call, Status::kNotEnoughMemory);
    }
    const std::size_t slots = client_slots_.size();
    std::size_t position = slots;
    Handle handle{};
    try {
        position =
            take_slot(client_slots_, [](const ClientSlot &s) { return s.client == nullptr; });
        handle = make_handle(HandleKind::kClient, client_slots_[position].generation, position);
        effects_.reserve_client(handle);
        if (held != nullptr)
            prepare_adoption(*held, registration);
        else
            client_slots_[position].client = &make_client(handle, registration, bit);
    } catch (const std::bad_alloc &) {
        clients_.erase(last_order_ + 1);
        if (position < client_slots_.size())
            effects_.client_gone(
                make_handle(HandleKind::kClient, client_slots_[position].generation, position));
        log(Event::kOutOfMemory, "no memory to register protocol {} component {}",
            registration.identity.protocol, registration.identity.component);
        return done(call, Status::kNotEnoughMemory);
    }
    if (held == nullptr)
        return done(call, Status::kOk, handle);
    adopt(*held, handle, registration);
    client_slots_[position].client = held;
    done(call, Status::kOk, handle);
    tell_adopter(*held, call.now);
}

Client &Manager::Impl::make_client(Handle handle, const Registration &registration,
                                   std::uint64_t bit) {
    const std::uint64_t order = last_order_ + 1;
    Client &client =
        clients_.try_emplace(order, handle, order, registration, &memory_).first->second;
    if (!client.is_static()) { // which is told nothing
        client.bit = bit;
        client.undelivered.reserve(options_.max_undelivered);
    }
    last_order_ = order;
    return client;
}

bool Manager::Impl::is_valid(const Registration &registration) noexcept {
    const CallbackSet &callbacks = registration.callbacks;
    const bool is_igmp = registration.role == Role::kGroupManagement;
    if (registration.role > Role::kStatic ||
        (is_igmp &&
         (!callbacks.has(CallbackKind::kDisableIgmp) || !callbacks.has(CallbackKind::kEnableIgmp))))
        return false;
    return static_cast<unsigned>(registration.families) != 0 &&
           static_cast<unsigned>(registration.families) <= 3 && registration.hold >= Time{} &&
           registration.hold <= kLongestHold;
}

/// Who has it, a client that is held included (8.10: not one that is ending).
Client *Manager::Impl::find_identity(const Registration &wanted) noexcept {
    const auto found = std::ranges::find_if(clients_, [&](const auto &each) {
        const Client &client = each.second;
        return !client.is_ending && client.registered.vrf == wanted.vrf &&
               client.registered.identity == wanted.identity;
    });
    return found == clients_.end() ? nullptr : &found->second;
}

/// Of each vrf and family there is one STATIC client, whatever its identity (8.1).
bool Manager::Impl::has_static_client(const Registration &wanted) const noexcept {
    return wanted.role == Role::kStatic && std::ranges::any_of(clients_, [&](const auto &each) {
               const Registration &there = each.second.registered;
               return there.role == Role::kStatic && there.vrf == wanted.vrf &&
                      (static_cast<unsigned>(there.families) &
                       static_cast<unsigned>(wanted.families)) != 0;
           });
}

/// One that no client of the vrf has, those that are ending included; 0: none is left.
std::uint64_t Manager::Impl::free_bit(mgm::Vrf vrf) const noexcept {
    std::uint64_t taken = 0;
    for (const auto &[order, client] : clients_)
        if (client.registered.vrf == vrf)
            taken |= client.bit;
    return ~taken & (taken + 1);
}

/// From here on its handles are nobody's (8.10, 8.11).
void Manager::Impl::close_handles(Client &client) noexcept {
    slot_of(client_slots_, HandleKind::kClient, client.handle)->client = nullptr;
    for (EnumerationSlot &slot : enumerations_)
        if (slot.enumeration && slot.enumeration->client == &client)
            slot.enumeration.reset();
    purge_keys();
    effects_.client_gone(client.handle);
}

void Manager::Impl::erase_client(Client &client) noexcept {
    set_hold_timer(client, Time{});
    clients_.erase(client.order);
}

const Client *Manager::Impl::static_client(const Key &key) const noexcept {
    for (const auto &[order, client] : clients_)
        if (client.is_static() && client.speaks_for(key))
            return &client;
    return nullptr;
}

// --- enumeration handles live here, too: the positions and generations are made the same way

void Manager::Impl::start_enumeration(const Call &call, Handle handle, EnumerationKind kind) {
    Client *client = client_of(handle);
    if (client == nullptr)
        return done(call, Status::kInvalidParameter);
    if (kind != EnumerationKind::kAnySource && kind != EnumerationKind::kAllSources)
        return done(call, Status::kInvalidParameter);
    try {
        const std::size_t position = take_slot(
            enumerations_, [](const EnumerationSlot &s) { return !s.enumeration.has_value(); });
        EnumerationSlot &slot = enumerations_[position];
        slot.enumeration = Enumeration{.client = client,
                                       .kind = kind,
                                       .generation = generation_,
                                       .position = {},
                                       .has_position = false};
        done(call, Status::kOk, make_handle(HandleKind::kEnumeration, slot.generation, position));
    } catch (const std::bad_alloc &) {
        done(call, Status::kNotEnoughMemory);
    }
}

Status Manager::Impl::end_enumeration(Handle handle) {
    EnumerationSlot *slot = slot_of(enumerations_, HandleKind::kEnumeration, handle);
    if (slot == nullptr || !slot->enumeration)
        return Status::kInvalidParameter;
    slot->enumeration.reset();
    purge_keys();
    return Status::kOk;
}

Status Manager::Impl::next_groups(Handle handle, std::span<SourceGroup> records,
                                  std::size_t &count) {
    count = 0;
    EnumerationSlot *slot = slot_of(enumerations_, HandleKind::kEnumeration, handle);
    if (slot == nullptr || !slot->enumeration)
        return Status::kInvalidParameter;
    Enumeration &open = *slot->enumeration;
    const Client &client = *open.client;
    const bool is_by_group = open.kind == EnumerationKind::kAnySource;
    Keys::const_iterator it = open.has_position ? keys_.upper_bound(open.position) : keys_.begin();
    for (; it != keys_.end(); ++it) {
        const KeyState &key = it->second;
        if (!client.speaks_for(key.key) || !is_shown(key, open.generation) ||
            (is_by_group && open.has_position && key.key.vrf == open.position.vrf &&
             key.key.group == open.position.group))
            continue;
        if (count == records.size())
            return count == 0 ? Status::kInsufficientBuffer : Status::kMoreData;
        records[count++] = {.source = is_by_group ? any_of(key.key.family()) : key.key.source,
                            .group = key.key.group};
        open.position = key.key;
        open.has_position = true;
    }
    return Status::kNoMoreItems;
}

} // namespace control::manager
