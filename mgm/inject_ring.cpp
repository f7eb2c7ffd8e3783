// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/inject_ring.hpp"

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <utility>

namespace mgm {

static_assert(kFitsARing<InjectMessage> && kFitsARing<TraceRecord>);

Result<InjectRing> InjectRing::create(std::uint32_t worker) {
    const auto messages =
        make_ring(fmt::format("mgm_inject_{}", worker), sizeof(InjectMessage), kMessages);
    if (!messages)
        return tl::unexpected(messages.error());
    Messages owned(*messages);
    const auto traces =
        make_ring(fmt::format("mgm_trace_{}", worker), sizeof(TraceRecord), kTraceRecords);
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

bool InjectRing::put(const InjectMessage &message) noexcept {
    return rte_ring_sp_enqueue_elem(messages_.get(), const_cast<InjectMessage *>(&message),
                                    sizeof message) == 0;
}

bool InjectRing::send_frame(rte_mbuf *frame, IfSlot interface) noexcept {
    return put({InjectMessage::Kind::kSendFrame, interface, frame, {}, {}});
}

bool InjectRing::arm_trace(const TraceRequest &request) noexcept {
    return put({InjectMessage::Kind::kArmTrace, kNoSlot, nullptr, request, {}});
}

bool InjectRing::release_held(const AnyFlow &flow) noexcept {
    return put({InjectMessage::Kind::kReleaseHeld, kNoSlot, nullptr, {}, flow});
}

bool InjectRing::drop_held(const AnyFlow &flow) noexcept {
    return put({InjectMessage::Kind::kDropHeld, kNoSlot, nullptr, {}, flow});
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
