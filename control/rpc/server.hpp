// SPDX-License-Identifier: BSD-3-Clause
// The gRPC service on its unix socket. Its calls run on gRPC's threads; they read the segment
// there, and ask the control thread only for what it alone knows.
#pragma once

#include "control/report.hpp"
#include "control/tracer.hpp"
#include "mgm/result.hpp"
#include "mgm/segment_reader.hpp"

#include <functional>
#include <memory>
#include <string>

namespace control::rpc {

/// How calls reach the control thread. All return at once; `done` runs on the control thread, or
/// is destroyed unheard when that has stopped.
struct Backend {
    mgm::SegmentReader segment;
    std::function<void(std::function<void(ControlReport)> done)> report;
    std::function<void(std::function<void(mgm::Result<void>)> done)> reload;
    /// The sink is told of packets on the control thread, and destroyed unheard as above.
    std::function<void(const mgm::TraceRequest &, std::shared_ptr<TraceSink>)> trace;
    /// The client of a trace went. Harmless when it has ended.
    std::function<void(const std::weak_ptr<TraceSink> &)> cancel_trace;
};

class Server {
public:
    /// Listens on `socket_path`, mode 0660. Replaces the socket file of a dead predecessor.
    /// kExists: a live one answers there.
    static mgm::Result<std::unique_ptr<Server>> open(const std::string &socket_path,
                                                     Backend backend);
    /// Cancels the calls that run, waits for their end, removes the socket file. What
    /// Backend::report and reload still hold must have been run or destroyed before.
    virtual ~Server() = default;

protected:
    Server() = default;
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;
};

} // namespace control::rpc
