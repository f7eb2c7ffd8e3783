// SPDX-License-Identifier: BSD-3-Clause
// What a live run stands on: EAL, pools, the port that packets come in by and those that copies
// leave by.
//
// Thread: main.
#pragma once

#include "apps/bench/live_wire.hpp"
#include "dataplane/eal.hpp"
#include "dataplane/mbuf_pool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct rte_mempool;

namespace bench {

class LiveBed {
public:
    /// Once. `from` and `to` as LiveWire::make() takes them; frames have up to `room` octets.
    mgm::Result<void> start(const std::string &from, const std::vector<std::string> &to,
                            std::uint16_t room, std::uint64_t table_octets);

    [[nodiscard]] LiveWire &ingress() noexcept { return *ingress_; }
    [[nodiscard]] const std::vector<LiveWire> &sinks() const noexcept { return sinks_; }
    [[nodiscard]] rte_mempool *frames() const noexcept { return frames_->raw(); }
    [[nodiscard]] rte_mempool *heads() const noexcept { return heads_->raw(); }
    [[nodiscard]] unsigned worker_lcore() const noexcept { return eal_->worker_lcores().front(); }
    [[nodiscard]] bool are_up() const;
    /// What came to the far ends that are ours, a burst of each; freed.
    std::uint64_t drain() noexcept;
    /// Who has, or shares, which CPU.
    [[nodiscard]] std::string cores() const;

private:
    mgm::Result<void> open_ports(const std::string &from, const std::vector<std::string> &to);

    std::optional<dataplane::Eal> eal_;
    std::optional<dataplane::MbufPool> frames_, heads_;
    std::optional<LiveWire> ingress_;
    std::vector<LiveWire> sinks_;
};

} // namespace bench
