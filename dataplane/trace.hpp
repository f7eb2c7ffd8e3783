// SPDX-License-Identifier: BSD-3-Clause
// Records of how single packets ended, for whoever armed a trace (`mgm/inject_ring.hpp`).
//
// Reads: all columns after settle.  Writes: the ring of records; event trace_lost when it is full.
// Thread: one worker.  Cost while nothing is armed: one compare a burst.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "mgm/inject_ring.hpp"

namespace dataplane {

class Tracer {
public:
    /// Replaces what was armed before; a count of 0 disarms.
    void arm(const mgm::TraceRequest &request) noexcept { request_ = request; }

    void report(const Context &context, const Burst &burst, mgm::InjectRing *ring) noexcept {
        if (request_.count != 0 && ring != nullptr)
            report_matches(context, burst, *ring);
    }

private:
    [[gnu::cold, gnu::noinline]] void report_matches(const Context &context, const Burst &burst,
                                                     mgm::InjectRing &ring) noexcept;
    mgm::TraceRequest request_;
};

} // namespace dataplane
