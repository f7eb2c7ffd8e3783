// SPDX-License-Identifier: BSD-3-Clause
// Any octets as a frame, in one segment and in several: both must be parsed alike, and nothing is
// read outside the frame. Every segment has a heap block of its exact length, so that
// AddressSanitizer sees the first octet too many.
//
// Input: switches, number of splits, the splits, the frame (parse_input.hpp).
#include "dataplane/parse.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"
#include "parse_input.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

namespace {

using fuzz::ParseInput;

/// A frame outside any pool: mbufs and segments on the heap.
class HeapFrame {
public:
    HeapFrame(std::span<const std::uint8_t> octets, std::span<const std::uint8_t> splits) {
        for (const std::uint8_t split : splits) {
            const std::size_t length = std::min<std::size_t>(split, octets.size());
            add(octets.first(length));
            octets = octets.subspan(length);
        }
        add(octets);
        rte_mbuf &head = *mbufs_.front();
        for (std::size_t k = 1; k < mbufs_.size(); ++k)
            mbufs_[k - 1]->next = mbufs_[k].get();
        head.nb_segs = static_cast<std::uint16_t>(mbufs_.size());
        for (const auto &segment : mbufs_)
            head.pkt_len += segment.get() == &head ? 0U : segment->data_len;
    }
    rte_mbuf &head() { return *mbufs_.front(); }

private:
    void add(std::span<const std::uint8_t> octets) {
        data_.push_back(std::make_unique<std::uint8_t[]>(octets.size()));
        std::copy(octets.begin(), octets.end(), data_.back().get());
        auto mbuf = std::make_unique<rte_mbuf>();
        mbuf->buf_addr = data_.back().get();
        mbuf->data_off = 0;
        mbuf->data_len = static_cast<std::uint16_t>(octets.size());
        mbuf->pkt_len = static_cast<std::uint32_t>(octets.size());
        mbuf->nb_segs = 1;
        mbufs_.push_back(std::move(mbuf));
    }
    std::vector<std::unique_ptr<std::uint8_t[]>> data_;
    std::vector<std::unique_ptr<rte_mbuf>> mbufs_;
};

/// Port 3: untagged if11, VLAN 100 if37 with boundaries.
class Router {
public:
    Router() : segment_(small()), grace_(1), writer_(segment_.tables(), grace_) {
        mgm::InterfaceSpec plain, tagged;
        plain.name = "plain";
        plain.index = mgm::IfIndex{11};
        plain.addresses = {mgm::IpPrefix::parse("198.51.100.1/28").value(),
                           mgm::IpPrefix::parse("2001:db8:1::1/64").value()};
        tagged.name = "tagged";
        tagged.index = mgm::IfIndex{37};
        tagged.vlan = 100;
        tagged.scope_boundary = 5;
        tagged.boundaries = {mgm::IpPrefix::parse("239.255.0.0/16").value(),
                             mgm::IpPrefix::parse("ff1e::3:0/113").value()};
        const mgm::PortAttachment up{3, mgm::LinkState::kUp, {{2, 0, 0, 0, 0, 11}}};
        if (!writer_.upsert_interface(plain) || !writer_.upsert_interface(tagged) ||
            !writer_.attach_port(plain.index, up) || !writer_.attach_port(tagged.index, up))
            std::abort();
    }
    static mgm::Geometry small() {
        mgm::Geometry geometry;
        geometry.interfaces = 8;
        geometry.neighbors = 8;
        geometry.vrfs = 1;
        geometry.ipv4_entries = 64;
        geometry.ipv6_entries = 64;
        geometry.ipv4_ranges = 4;
        geometry.ipv6_ranges = 4;
        geometry.block_units = 1024;
        return geometry;
    }
    [[nodiscard]] dataplane::Context context(const ParseInput &input) const {
        dataplane::Policy policy;
        policy.allow_reserved_sources = input.has(fuzz::kAllowSources);
        policy.allow_link_local_sources = input.has(fuzz::kAllowSources);
        policy.strict_group_mac = input.has(fuzz::kStrictMac);
        policy.process_hop_by_hop = !input.has(fuzz::kSkipHopByHop);
        return {0, segment_.tables(), policy, nullptr};
    }

private:
    mgm::PrivateSegment segment_;
    mgm::GracePeriod grace_;
    mgm::TableWriter writer_;
};

void parse_one(const dataplane::Context &context, const ParseInput &input, rte_mbuf &frame,
               dataplane::Burst &burst) {
    if (input.has(fuzz::kGoodChecksum))
        frame.ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    if (input.has(fuzz::kStrippedTag)) {
        frame.ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
        frame.vlan_tci = 100;
    }
    burst.port_id = 3;
    burst.size = 1;
    burst.mbufs[0] = &frame;
    burst.headers[0] = {};
    burst.ipv4_flows[0] = {};
    burst.ipv6_flows[0] = {};
    dataplane::parse(context, burst);
}

void require(bool holds) {
    if (!holds)
        std::abort();
}

/// The short way accepts nothing that the long way would not, and says the same of it.
void check_short_way(const dataplane::Context &context, rte_mbuf &frame,
                     const dataplane::Burst &parsed) {
    static dataplane::Burst longer, shorter;
    for (dataplane::Burst *burst : {&longer, &shorter}) {
        burst->port_id = parsed.port_id;
        burst->size = 1;
        burst->mbufs[0] = &frame;
        burst->headers[0] = {};
        burst->ipv4_flows[0] = {};
        burst->ipv6_flows[0] = {};
    }
    const dataplane::OrdinaryFrames ordinary(context, parsed.port_id);
    ordinary.expect_them(shorter);
    if (ordinary.accept<mgm::Family::kIpv4>(shorter, 1) == 0 &&
        ordinary.accept<mgm::Family::kIpv6>(shorter, 1) == 0)
        return;
    require(dataplane::parse_frame(context, longer, 0) == mgm::Verdict::kForwarded);
    require(shorter.is_on_its_way(0));
    require(shorter.iifs[0] == longer.iifs[0] && shorter.arrivals[0] == longer.arrivals[0]);
    require(shorter.headers[0] == longer.headers[0]);
    require(shorter.ipv4_flows[0] == longer.ipv4_flows[0]);
    require(shorter.ipv6_flows[0] == longer.ipv6_flows[0]);
    require(shorter.octets[0] == rte_pktmbuf_pkt_len(&frame));
}

/// What later stages rely on.
void check_accepted(const dataplane::Burst &burst, const rte_mbuf &frame) {
    const dataplane::PacketHeader &packet = burst.headers[0];
    require(burst.iifs[0] != mgm::kNoSlot && burst.arrivals[0] != nullptr);
    require(packet.ttl > 1);
    require(packet.header_octets <= packet.packet_octets);
    require(packet.l3_offset + packet.packet_octets <= rte_pktmbuf_pkt_len(&frame));
    require(burst.is_ipv4(0) ? mgm::is_forwardable_group(burst.ipv4_flows[0].group)
                             : mgm::is_forwardable_group(burst.ipv6_flows[0].group));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *octets, std::size_t size) {
    static const Router router;
    static dataplane::Burst linear, split;
    const ParseInput input({octets, std::min<std::size_t>(size, 65'000)});
    const dataplane::Context context = router.context(input);

    HeapFrame whole(input.frame, {}), pieces(input.frame, input.splits);
    parse_one(context, input, whole.head(), linear);
    parse_one(context, input, pieces.head(), split);

    require(linear.verdicts[0] == split.verdicts[0]);
    require(linear.iifs[0] == split.iifs[0]);
    require(linear.headers[0] == split.headers[0]);
    require(linear.ipv4_flows[0] == split.ipv4_flows[0]);
    require(linear.ipv6_flows[0] == split.ipv6_flows[0]);
    check_short_way(context, whole.head(), linear);
    if (linear.is_on_its_way(0))
        check_accepted(linear, whole.head());
    return 0;
}
