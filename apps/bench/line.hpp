// SPDX-License-Identifier: BSD-3-Clause
// EAL, one pool and one port by its devargs: what `mgmbench tx`, `rx` and `replay` stand on.
//
// Thread: main.
#pragma once

#include "dataplane/eal.hpp"
#include "dataplane/mbuf_pool.hpp"
#include "dataplane/port.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct LineSettings {
    std::string devargs;
    std::vector<std::string> eal_args; ///< none: hugepages if there are enough, else ordinary pages
    std::uint16_t frame_octets = 1518; ///< of the longest frame, with FCS
};

/// EAL's arguments for these ports: no PCI bus where all are virtual; hugepages where so much is
/// free, else ordinary pages.
std::vector<std::string> eal_args_for(const std::vector<std::string> &ports,
                                      std::uint64_t mebibytes);

class Line {
public:
    /// Errors are those of EAL, of the pool and of the port, which is named.
    static mgm::Result<std::unique_ptr<Line>> create(const LineSettings &settings);
    Line(const Line &) = delete;
    Line &operator=(const Line &) = delete;

    [[nodiscard]] std::uint16_t port_id() const noexcept { return port_->id(); }
    [[nodiscard]] rte_mempool *pool() const noexcept { return pool_->raw(); }
    /// False: not within `seconds`, or `stop` was set before.
    [[nodiscard]] bool wait_until_up(double seconds, const std::atomic<bool> &stop) const;
    /// Runs `work` on the worker's lcore until it returns; meanwhile `watch` is called here, ten
    /// times a second.
    void run(const std::function<void()> &work, const std::function<void()> &watch);
    /// Until what the port has taken has left it, as far as can be known.
    void linger() const;

private:
    Line() = default;
    std::optional<dataplane::Eal> eal_;
    std::optional<dataplane::MbufPool> pool_;
    std::optional<dataplane::Port> port_;
};

} // namespace bench
