// SPDX-License-Identifier: BSD-3-Clause
// A client of mgm.h: its ROUTING_PROTOCOL_CONFIG, and our callbacks turned into calls of its
// functions.
#pragma once

#include "control/client/include/mgm.h"
#include "control/client/transport.hpp"

#include <vector>

namespace control::c_api {

class CReceiver : public Receiver {
public:
    /// Copies `config`.
    explicit CReceiver(const ROUTING_PROTOCOL_CONFIG &config) : config_(config) {}

    [[nodiscard]] manager::CallbackSet callbacks() const noexcept;
    manager::Reply received(const manager::Callback &callback) override;

private:
    [[nodiscard]] manager::Reply call(const manager::RpfRequest &request) const;
    [[nodiscard]] manager::Reply call(const manager::CreationAlert &alert);
    [[nodiscard]] manager::Reply call(const manager::PruneAlert &alert) const;
    [[nodiscard]] manager::Reply call(const manager::JoinAlert &alert) const;
    [[nodiscard]] manager::Reply call(const manager::WrongIf &alert) const;
    [[nodiscard]] manager::Reply call(const manager::LocalJoin &alert) const;
    [[nodiscard]] manager::Reply call(const manager::LocalLeave &alert) const;
    [[nodiscard]] manager::Reply call(const manager::DisableIgmp &alert) const;
    [[nodiscard]] manager::Reply call(const manager::EnableIgmp &alert) const;
    /// Never registered.
    [[nodiscard]] static manager::Reply call(const manager::LocalUpdate &) { return {}; }
    [[nodiscard]] static manager::Reply call(const manager::AlertsDropped &) { return {}; }

    ROUTING_PROTOCOL_CONFIG config_;
    std::vector<MGM_IF_ENTRY> links_;   ///< of the CREATION in work
    std::vector<manager::Link> vetoed_; ///< … and its reply
};

} // namespace control::c_api
