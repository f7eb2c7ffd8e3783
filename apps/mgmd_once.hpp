// SPDX-License-Identifier: BSD-3-Clause
// --once: how many packets the pcap input holds, and whether all of them have come through.
#pragma once

#include "dataplane/port_manager.hpp"
#include "mgm/result.hpp"
#include "mgm/tables.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace apps {

/// Packets in the rx_pcap files of `ports`, read with libpcap. kInvalidArgument, naming the port,
/// for input that never ends (infinite_rx=1) or is live (any port that receives from something else
/// than a file), for a file that cannot be read, and when no port has an input file.
mgm::Result<std::uint64_t> count_input(const std::vector<dataplane::PortSpec> &ports);

/// Watches the counters while the workers run.
class OnceProgress {
public:
    enum class State : std::uint8_t { kRunning, kDone, kStuck };
    static constexpr std::chrono::seconds kPatience{5}; ///< without one more packet

    OnceProgress(mgm::Tables tables, std::uint64_t expected)
        : tables_(tables), expected_(expected) {}

    /// kDone once `expected` packets have a verdict: a verdict is given after the copies were
    /// handed to the ports, so then all is sent. Time comes in with the call.
    State update(std::chrono::steady_clock::time_point now);
    [[nodiscard]] std::uint64_t settled() const noexcept { return settled_; }
    [[nodiscard]] std::uint64_t expected() const noexcept { return expected_; }

private:
    mgm::Tables tables_;
    std::uint64_t expected_;
    std::uint64_t settled_ = 0;
    std::chrono::steady_clock::time_point last_progress_{};
};

} // namespace apps
