// SPDX-License-Identifier: BSD-3-Clause
// Grace periods over rte_rcu_qsbr: when may memory that readers could still hold be used again?
//
// A worker is a reader from online() to offline() and says quiescent() once per turn of its loop,
// when it holds no reference into the tables. The writer takes a ticket when it has unpublished
// something and frees it once the ticket has passed. Works on plain memory: no EAL needed, so unit
// tests and TSan builds use the real thing.
#pragma once

#include <rte_rcu_qsbr.h>

#include <cstdint>
#include <memory>

namespace mgm {

class GracePeriod {
public:
    using Ticket = std::uint64_t;

    explicit GracePeriod(std::uint32_t max_readers);
    ~GracePeriod();
    GracePeriod(const GracePeriod &) = delete;
    GracePeriod &operator=(const GracePeriod &) = delete;

    // --- reader `id` < max_readers, on its own thread
    // ----------------------------------------------------------
    void online(std::uint32_t id) noexcept;
    void offline(std::uint32_t id) noexcept;
    /// Everything this reader found in the tables before may be freed from here on.
    void quiescent(std::uint32_t id) noexcept;

    // --- writers
    // -------------------------------------------------------------------------------------------------
    /// Call after the unpublishing store. Any thread.
    [[nodiscard]] Ticket start() noexcept;
    /// True once every reader online at start() has been quiescent or offline since. Never blocks.
    [[nodiscard]] bool passed(Ticket ticket) noexcept;
    /// Blocks until passed(ticket). Never on the way of a single update.
    void wait(Ticket ticket) noexcept;

private:
    struct Free {
        void operator()(rte_rcu_qsbr *qsbr) const noexcept;
    };
    std::unique_ptr<rte_rcu_qsbr, Free> qsbr_;
};

} // namespace mgm
