// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/trace.hpp"

#include <rte_cycles.h>

#include <algorithm>

namespace dataplane {

namespace {

/// Packets whose copies were asked for: accepted by RPF, whatever became of them.
bool was_replicated(mgm::Verdict verdict) noexcept {
    return verdict == mgm::Verdict::kForwarded || verdict >= mgm::Verdict::kNoOif;
}

template <mgm::Family F>
mgm::TraceRecord describe(const Context &context, const Burst &burst, unsigned i,
                          const mgm::FlowKey<F> &flow) noexcept {
    const PacketHeader &packet = burst.headers[i];
    mgm::TraceRecord record;
    record.tsc = rte_rdtsc();
    record.worker = context.worker;
    record.iif = burst.iifs[i];
    record.vrf = flow.vrf;
    record.oifs_wanted = was_replicated(burst.verdicts[i]) ? burst.sets[i]->oif_count : 0;
    record.oifs_sent = burst.copies_sent[i];
    record.length =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(packet.packet_octets, 0xffff));
    record.family = F;
    record.ttl = packet.ttl;
    record.verdict = burst.verdicts[i];
    const mgm::AnyFlow addresses = mgm::any_flow(flow);
    record.source = addresses.source;
    record.group = addresses.group;
    return record;
}

bool matches(const mgm::TraceRequest &request, const mgm::TraceRecord &record) noexcept {
    return (request.any_source || request.source == record.source) &&
           (request.any_group || request.group == record.group);
}

} // namespace

void Tracer::report_matches(const Context &context, const Burst &burst,
                            mgm::InjectRing &ring) noexcept {
    for (unsigned i = 0; i < burst.size && request_.count != 0; ++i) {
        if (burst.headers[i].family != request_.family) // also: its addresses were never reached
            continue;
        const mgm::TraceRecord record = burst.is_ipv4(i)
                                            ? describe(context, burst, i, burst.ipv4_flows[i])
                                            : describe(context, burst, i, burst.ipv6_flows[i]);
        if (!matches(request_, record))
            continue;
        --request_.count;
        if (!ring.answer(record))
            context.count(mgm::Event::kTraceLost);
    }
}

} // namespace dataplane
