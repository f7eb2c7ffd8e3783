// SPDX-License-Identifier: BSD-3-Clause
// What the manager wants done. Its events go in as calls on Manager, its effects come out here, in
// the order in which they take place; a test writes them down, the control thread carries them out.
//
// Nothing here may call back into the Manager.
#pragma once

#include "control/manager/callbacks.hpp"
#include "control/manager/types.hpp"

#include <string_view>

namespace control::manager {

class Effects {
public:
    virtual ~Effects() = default;

    /// Before a registration is accepted: memory for as many undelivered callbacks as a client may
    /// have, so that deliver() never needs any. Throws std::bad_alloc.
    virtual void reserve_client(Handle client) = 0;
    /// `client` is gone: what was delivered and has not started is to be discarded (mgm-spec 8.11).
    virtual void client_gone(Handle client) noexcept = 0;

    /// Enqueue for this client, behind what it got before. Manager::returned() is due in any case.
    virtual void deliver(Handle client, CallbackId id, const Callback &callback) noexcept = 0;

    /// The call ended. `handle` is the new one of Register and EnumerationStart, else 0.
    virtual void complete(CallId call, Status status, Handle handle) noexcept = 0;

    /// For the log and its counters. `detail` is one line for people.
    virtual void log(Event event, std::string_view detail) noexcept = 0;
};

/// One outgoing link of an entry.
struct Oif {
    Link link;
    std::uint16_t ttl_threshold = 0;
    friend auto operator<=>(const Oif &, const Oif &) = default;
};

/// The tables, as the manager sees them.
class ForwardingPlane {
public:
    virtual ~ForwardingPlane() = default;

    /// Makes the entry or replaces what it does, in one publication. False: no room; the entry is
    /// as it was before. `iifs` empty: an entry that accepts nothing (mgm-spec 8.2). `oifs` empty:
    /// a negative entry.
    [[nodiscard]] virtual bool install(const mgm::RouteKey &key, std::span<const mgm::IfIndex> iifs,
                                       std::span<const Oif> oifs) noexcept = 0;
    virtual void remove(const mgm::RouteKey &key) noexcept = 0;

    /// Packets that workers hold for this (S,G): look them up again and send them, or drop and
    /// count them.
    virtual void release_held(const Key &key) noexcept = 0;
    virtual void drop_held(const Key &key) noexcept = 0;

    /// Packets that the entry has matched since it was made, wrong-interface ones not counted.
    [[nodiscard]] virtual std::uint64_t packets(const Key &key) noexcept = 0;
};

} // namespace control::manager
