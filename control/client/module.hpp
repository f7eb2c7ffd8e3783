// SPDX-License-Identifier: BSD-3-Clause
// A routing protocol as a shared object in this process: loaded, run on a thread of its own, told
// to stop (mgm_ext.h).
#pragma once

#include "mgm/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace control {

class ProtocolModule {
public:
    /// How long stop() waits for a module that does not return.
    static constexpr std::chrono::seconds kPatience{5};

    /// Loads `path` and starts MgmExtMain on a new thread. mgm.h must be bound. kNotFound: no such
    /// module, or one without MgmExtMain; the message is the loader's.
    static mgm::Result<std::unique_ptr<ProtocolModule>>
    start(const std::string &path, const std::vector<std::string> &arguments);
    /// stop().
    ~ProtocolModule();
    ProtocolModule(const ProtocolModule &) = delete;
    ProtocolModule &operator=(const ProtocolModule &) = delete;

    /// Ends MgmExtWaitForStop() in the module and waits until MgmExtMain has returned, kPatience at
    /// most. What the module did not give back is given back for it. False: it has not returned;
    /// its thread is left alone.
    bool stop();
    [[nodiscard]] const std::string &path() const noexcept;

private:
    struct State;
    explicit ProtocolModule(std::shared_ptr<State> state) : state_(std::move(state)) {}

    std::shared_ptr<State> state_; ///< shared with the thread, which may outlive us
};

} // namespace control
