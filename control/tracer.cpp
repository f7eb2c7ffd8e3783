// SPDX-License-Identifier: BSD-3-Clause
#include "control/tracer.hpp"

#include <utility>

namespace control {

void Tracer::start(const mgm::TraceRequest &request, std::shared_ptr<TraceSink> sink) {
    if (rings_.empty()) {
        sink->end(mgm::fail(mgm::Errc::kUnavailable, "trace: no worker takes requests"));
        return;
    }
    if (sink_ != nullptr) {
        sink->end(mgm::fail(mgm::Errc::kUnavailable,
                            "trace: another one runs; wait for its end or interrupt it"));
        return;
    }
    for (mgm::InjectRing *ring : rings_)
        (void)ring->drain_traces(); // late answers to a trace that was interrupted
    sink_ = std::move(sink);
    left_ = request.count;
    if (!arm(request))
        finish(mgm::fail(mgm::Errc::kUnavailable,
                         "trace: a worker's inject ring is full; is the worker stopped?"));
}

bool Tracer::arm(const mgm::TraceRequest &request) {
    bool is_armed = true;
    for (mgm::InjectRing *ring : rings_)
        is_armed = ring->arm_trace(request) && is_armed;
    return is_armed;
}

void Tracer::cancel(const std::weak_ptr<TraceSink> &sink) {
    if (sink_ != nullptr && sink.lock() == sink_)
        finish(mgm::fail(mgm::Errc::kUnavailable, "trace: interrupted"));
}

void Tracer::stop() {
    if (sink_ != nullptr)
        finish(mgm::fail(mgm::Errc::kUnavailable, "mgmd is stopping"));
}

void Tracer::poll() {
    if (sink_ == nullptr)
        return;
    for (mgm::InjectRing *ring : rings_)
        for (const mgm::TraceRecord &record : ring->drain_traces()) {
            if (left_ == 0)
                break;
            --left_;
            sink_->packet(record);
        }
    if (left_ == 0)
        finish({});
}

void Tracer::finish(const mgm::Result<void> &outcome) {
    mgm::TraceRequest nothing;
    nothing.count = 0;
    // A worker whose ring is full stays armed: it answers at most `count` packets, and the next
    // start() throws them away.
    (void)arm(nothing);
    std::exchange(sink_, nullptr)->end(outcome);
}

} // namespace control
