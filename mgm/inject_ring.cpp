// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/inject_ring.hpp"

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <type_traits>
#include <utility>

namespace mgm {

namespace {

// rte_ring copies elements octet by octet, in units of four.
static_assert(std::is_trivially_copyable_v<InjectMessage> && sizeof(InjectMessage) % 4 == 0);
static_assert(std::is_trivially_copyable_v<TraceRecord> && sizeof(TraceRecord) % 4 == 0);

template <class Element>
Result<rte_ring *> make_ring(const std::string &name, std::uint32_t elements) {
    rte_ring *ring = rte_ring_create_elem(name.c_str(), sizeof(Element), elements, SOCKET_ID_ANY,
                                          RING_F_SP_ENQ | RING_F_SC_DEQ);
    if (ring != nullptr)
        return ring;
    return fail(rte_errno == EEXIST ? Errc::kExists : Errc::kNoMemory,
                "cannot make ring {} of {} elements: {}; give the EAL more memory or each mgmd its "
                "own name",
                name, elements, rte_strerror(rte_errno));
}

} // namespace

Result<InjectRing> InjectRing::create(std::uint32_t worker) {
    const auto messages = make_ring<InjectMessage>(fmt::format("mgm_inject_{}", worker), kMessages);
    if (!messages)
        return tl::unexpected(messages.error());
    Messages owned(*messages);
    const auto traces = make_ring<TraceRecord>(fmt::format("mgm_trace_{}", worker), kTraceRecords);
    if (!traces)
        return tl::unexpected(traces.error());
    return InjectRing(std::move(owned), Traces(*traces));
}

void InjectRing::FreeMessages::operator()(rte_ring *ring) const noexcept {
    InjectMessage message;
    while (rte_ring_sc_dequeue_elem(ring, &message, sizeof message) == 0)
        if (message.kind == InjectMessage::Kind::kSendFrame)
            rte_pktmbuf_free(message.frame);
    rte_ring_free(ring);
}

void InjectRing::FreeRing::operator()(rte_ring *ring) const noexcept {
    rte_ring_free(ring);
}

bool InjectRing::put(const InjectMessage &message) noexcept {
    return rte_ring_sp_enqueue_elem(messages_.get(), const_cast<InjectMessage *>(&message),
                                    sizeof message) == 0;
}

bool InjectRing::send_frame(rte_mbuf *frame, IfSlot interface) noexcept {
    return put({InjectMessage::Kind::kSendFrame, interface, frame, {}});
}

bool InjectRing::arm_trace(const TraceRequest &request) noexcept {
    return put({InjectMessage::Kind::kArmTrace, kNoSlot, nullptr, request});
}

std::vector<TraceRecord> InjectRing::drain_traces() {
    std::vector<TraceRecord> records(kTraceRecords);
    const unsigned got = rte_ring_sc_dequeue_burst_elem(
        traces_.get(), records.data(), sizeof(TraceRecord), kTraceRecords, nullptr);
    records.resize(got);
    return records;
}

unsigned InjectRing::take(std::span<InjectMessage> messages) noexcept {
    return rte_ring_sc_dequeue_burst_elem(messages_.get(), messages.data(), sizeof(InjectMessage),
                                          static_cast<unsigned>(messages.size()), nullptr);
}

bool InjectRing::answer(const TraceRecord &record) noexcept {
    return rte_ring_sp_enqueue_elem(traces_.get(), const_cast<TraceRecord *>(&record),
                                    sizeof record) == 0;
}

} // namespace mgm
