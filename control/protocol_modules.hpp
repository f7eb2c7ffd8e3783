// SPDX-License-Identifier: BSD-3-Clause
// The routing protocols that mgmd loads into itself ([[protocol]] of the configuration): started
// together, stopped together.
#pragma once

#include "control/client/module.hpp"
#include "control/client/transport.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace control {

/// A routing protocol to be loaded into this process (mgm_ext.h).
struct ProtocolModuleSpec {
    std::string path;
    std::vector<std::string> arguments;
};

class ProtocolModules {
public:
    ProtocolModules() = default;
    /// They must have been stopped, or never have made a call that was answered.
    ~ProtocolModules() = default;
    ProtocolModules(const ProtocolModules &) = delete;
    ProtocolModules &operator=(const ProtocolModules &) = delete;

    /// mgm.h leads to `transport` from here on, and every module runs. On error those before the
    /// one that cannot be loaded run. kNotFound.
    mgm::Result<void> start(Transport &transport, const std::vector<ProtocolModuleSpec> &specs);

    /// They shut down by calls that the control thread answers: `turn` is its loop's, and is called
    /// until all have ended or their time (ProtocolModule::kPatience each) is up. Control thread.
    void stop(const std::function<void()> &turn);

private:
    std::vector<std::unique_ptr<ProtocolModule>> modules_;
};

} // namespace control
