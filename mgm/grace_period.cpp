// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/grace_period.hpp"

#include <cstdlib>
#include <new>

#include <time.h>

namespace mgm {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr long kPollNanoseconds = 50'000;

rte_rcu_qsbr *make_qsbr(std::uint32_t max_readers) {
    const std::size_t octets = rte_rcu_qsbr_get_memsize(max_readers);
    const std::size_t rounded = (octets + kAlignment - 1) / kAlignment * kAlignment;
    auto *qsbr = static_cast<rte_rcu_qsbr *>(std::aligned_alloc(kAlignment, rounded));
    if (qsbr == nullptr)
        throw std::bad_alloc();
    rte_rcu_qsbr_init(qsbr, max_readers);
    for (std::uint32_t id = 0; id < max_readers; ++id)
        rte_rcu_qsbr_thread_register(qsbr, id); // offline until online()
    return qsbr;
}

} // namespace

GracePeriod::GracePeriod(std::uint32_t max_readers) : qsbr_(make_qsbr(max_readers)) {}

GracePeriod::~GracePeriod() = default;

void GracePeriod::Free::operator()(rte_rcu_qsbr *qsbr) const noexcept {
    std::free(qsbr);
}

void GracePeriod::online(std::uint32_t id) noexcept {
    rte_rcu_qsbr_thread_online(qsbr_.get(), id);
}

void GracePeriod::offline(std::uint32_t id) noexcept {
    rte_rcu_qsbr_thread_offline(qsbr_.get(), id);
}

void GracePeriod::quiescent(std::uint32_t id) noexcept {
    rte_rcu_qsbr_quiescent(qsbr_.get(), id);
}

GracePeriod::Ticket GracePeriod::start() noexcept {
    return rte_rcu_qsbr_start(qsbr_.get());
}

bool GracePeriod::passed(Ticket ticket) noexcept {
    return rte_rcu_qsbr_check(qsbr_.get(), ticket, false) == 1;
}

void GracePeriod::wait(Ticket ticket) noexcept {
    // Sleep between looks: the worker we wait for may share our core.
    while (!passed(ticket)) {
        const timespec pause{0, kPollNanoseconds};
        nanosleep(&pause, nullptr);
    }
}

} // namespace mgm
