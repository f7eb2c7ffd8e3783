// SPDX-License-Identifier: BSD-3-Clause
// Where mgmctl gets its facts: from a running mgmd over gRPC, or from an attached segment. Messages
// of mgm.v1 either way, so printing knows no difference.
#pragma once

#include "mgm/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mgm.pb.h>

namespace apps {

struct Counters {
    mgm::v1::CounterTotals totals;
    std::vector<mgm::v1::InterfaceCounters> interfaces;
};

class Source {
public:
    /// False: no more pages are wanted.
    using RoutePage = std::function<bool(const mgm::v1::ShowRoutesResponse &)>;

    Source() = default;
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    virtual ~Source() = default;

    virtual mgm::Result<mgm::v1::GetStatusResponse> status() = 0;
    /// All, or the one of that name; none is no error.
    virtual mgm::Result<std::vector<mgm::v1::Interface>> interfaces(const std::string &name) = 0;
    virtual mgm::Result<void> routes(const mgm::v1::ShowRoutesRequest &request,
                                     const RoutePage &page) = 0;
    virtual mgm::Result<Counters> counters(bool per_interface) = 0;
    virtual mgm::Result<std::vector<mgm::v1::Worker>> workers() = 0;
    virtual mgm::Result<mgm::v1::ReloadResponse> reload() = 0;
    /// Returns after the last packet, or when `packet` returned false.
    virtual mgm::Result<void>
    trace(const mgm::v1::TraceRequest &request,
          const std::function<bool(const mgm::v1::TraceResponse &)> &packet) = 0;
};

/// kUnavailable: nobody answers there; says what to do.
mgm::Result<std::unique_ptr<Source>> connect(const std::string &socket_path);

} // namespace apps
