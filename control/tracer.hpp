// SPDX-License-Identifier: BSD-3-Clause
// Traces of single packets: arms the workers through their inject rings and hands on what they
// answer. One trace at a time. Control thread only.
#pragma once

#include "mgm/inject_ring.hpp"
#include "mgm/result.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace control {

/// Who asked for a trace. Destroyed without end(): control has stopped.
class TraceSink {
public:
    TraceSink() = default;
    TraceSink(const TraceSink &) = delete;
    TraceSink &operator=(const TraceSink &) = delete;
    virtual ~TraceSink() = default;

    virtual void packet(const mgm::TraceRecord &record) = 0;
    /// Last call.
    virtual void end(const mgm::Result<void> &outcome) = 0;
};

class Tracer {
public:
    /// More would only fill the client's screen and our memory.
    static constexpr std::uint32_t kMostPackets = 10000;

    /// One ring for each worker; they outlive the tracer.
    explicit Tracer(std::vector<mgm::InjectRing *> rings) : rings_(std::move(rings)) {}

    /// Ends `sink` at once when it cannot be: another trace runs, a worker takes no message.
    void start(const mgm::TraceRequest &request, std::shared_ptr<TraceSink> sink);
    /// The client of this sink has gone.
    void cancel(const std::weak_ptr<TraceSink> &sink);
    /// Ends the trace that runs, if one does.
    void stop();
    /// Hands on what workers answered since the last call; ends the trace after the last packet.
    void poll();

private:
    void finish(const mgm::Result<void> &outcome);
    [[nodiscard]] bool arm(const mgm::TraceRequest &request);

    std::vector<mgm::InjectRing *> rings_;
    std::shared_ptr<TraceSink> sink_; ///< of the trace that runs
    std::uint32_t left_ = 0;          ///< packets
};

} // namespace control
