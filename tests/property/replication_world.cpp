// SPDX-License-Identifier: BSD-3-Clause
#include "replication_world.hpp"

#include "mgm/segment_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rte_mempool.h>

#include <algorithm>

namespace replication {

using support::Octets;
using support::PacketBuilder;
using support::Pools;
using support::TestRouter;

namespace {

constexpr unsigned kArrivalPort = 29; ///< oifs have those below
constexpr unsigned kFirstOif = 100;

mgm::IfIndex index_of(unsigned oif) {
    return mgm::IfIndex{kFirstOif + oif};
}

const char *group4(unsigned group) {
    static constexpr std::array<const char *, Plan::kGroups> kGroups{"239.7.0.1", "239.135.0.2",
                                                                     "225.255.9.3"};
    return kGroups.at(group);
}
const char *group6(unsigned group) {
    static constexpr std::array<const char *, Plan::kGroups> kGroups{"ff1e::1:7", "ff05::fe:1",
                                                                     "ff1e::a:0:3"};
    return kGroups.at(group);
}

Octets frame_of(const PacketPlan &plan) {
    PacketBuilder packet = plan.is_ipv6 ? support::ipv6("2001:db8:1::17", group6(plan.group))
                                        : support::ipv4("198.51.100.7", group4(plan.group));
    const unsigned headers = plan.is_ipv6 ? 54 : 34;
    packet.ttl(plan.ttl).payload(std::max(plan.octets, headers + 1) - headers);
    if (plan.dont_fragment && !plan.is_ipv6)
        packet.dont_fragment();
    if (plan.is_tagged_zero)
        packet.tag(0);
    if (plan.is_padded)
        packet.padding(7);
    if (plan.is_bad)
        packet.from_mac("03:00:00:00:00:01");
    return packet.build();
}

class World {
public:
    World(const Plan &plan, Way way) : plan_(plan), way_(way), router_(options()) {
        router_.add(support::interface_spec(11, {"198.51.100.1/28", "2001:db8:1::1/64"}),
                    kArrivalPort);
        for (unsigned k = 0; k < plan.oifs.size(); ++k)
            add_oif(k);
        for (unsigned group = 0; group < Plan::kGroups; ++group)
            for (const char *address : {group4(group), group6(group)})
                router_.route("*", address, action_of(group, address));
    }

    Outcome run() {
        Outcome outcome;
        for (const std::vector<PacketPlan> &burst : plan_.bursts) {
            limit_ports();
            for (const PacketPlan &packet : burst)
                router_.put(TestRouter::kArrival, mbuf_of(frame_of(packet)));
            while (router_.turn() != 0) {
            }
            outcome.heads_used += rte_mempool_in_use_count(Pools::get().heads);
            collect(outcome);
        }
        count(outcome);
        return outcome;
    }

private:
    static TestRouter::Options options() {
        TestRouter::Options options;
        options.geometry.interfaces = 64;
        return options;
    }
    /// A frame that is not of the router's pool is never given away, so no program is run for it.
    [[nodiscard]] rte_mbuf *mbuf_of(const Octets &frame) const {
        return way_ == Way::kPlain ? support::foreign_frame(frame) : support::received_frame(frame);
    }

    void add_oif(unsigned k) {
        const OifPlan &plan = plan_.oifs[k];
        mgm::InterfaceSpec spec = support::interface_spec(kFirstOif + k, {}, plan.vlan);
        spec.mtu = plan.mtu;
        spec.ttl_threshold = plan.ttl_threshold;
        spec.mac = mgm::MacAddress{{0x02, 0, 0, 0, 9, static_cast<std::uint8_t>(plan.mac)}};
        if (plan.has_boundary)
            spec.boundaries = {mgm::IpPrefix::parse("239.7.0.0/16").value(),
                               mgm::IpPrefix::parse("ff05::/16").value()};
        router_.add(spec, plan.port);
        router_.set_link(index_of(k), plan.is_up ? mgm::LinkState::kUp : mgm::LinkState::kDown,
                         plan.takes_segments);
        if (plan.next_hop != 1)
            return;
        for (const bool is_ipv6 : {false, true})
            EXPECT_TRUE(router_.writer().set_neighbor(
                index_of(k), next_hop(k, is_ipv6),
                mgm::MacAddress{{0x02, 0, 0, 0, 7, static_cast<std::uint8_t>(k)}}));
    }
    static mgm::IpAddress next_hop(unsigned k, bool is_ipv6) {
        return mgm::IpAddress::parse(is_ipv6 ? fmt::format("2001:db8:9::{:x}", k + 1)
                                             : fmt::format("203.0.113.{}", k + 1))
            .value();
    }
    [[nodiscard]] mgm::RouteAction action_of(unsigned group, std::string_view address) const {
        mgm::RouteAction action{{TestRouter::kArrival}, {}};
        const bool is_ipv6 = address.find(':') != address.npos;
        for (const unsigned k : plan_.olists.at(group)) {
            mgm::OifSpec oif{index_of(k), 0, {}};
            if (plan_.oifs[k].next_hop != 0)
                oif.next_hop = next_hop(k, is_ipv6);
            action.oifs.push_back(oif);
        }
        return action;
    }

    void limit_ports() {
        for (unsigned k = 0; k < plan_.oifs.size(); ++k) {
            const int room = plan_.rooms.at(plan_.oifs[k].port);
            if (room >= 0)
                router_.port(index_of(k))
                    .leave_room_for(static_cast<unsigned>(room), Pools::get().received);
        }
    }
    void collect(Outcome &outcome) {
        for (unsigned k = 0; k < plan_.oifs.size(); ++k)
            for (Octets &frame : router_.sent(index_of(k)))
                if (!frame.empty()) // what filled the port
                    outcome.sent[{plan_.oifs[k].port, vlan_of(frame)}].push_back(std::move(frame));
    }
    static std::uint16_t vlan_of(const Octets &frame) {
        const bool is_tagged = frame.at(12) == 0x81 && frame.at(13) == 0x00;
        return is_tagged ? static_cast<std::uint16_t>(frame.at(14) << 8U | frame.at(15)) : 0;
    }

    void count(Outcome &outcome) {
        const mgm::SegmentReader reader(router_.tables());
        const auto add = [&outcome](const mgm::InterfaceSums &sums) {
            outcome.counters.insert(outcome.counters.end(),
                                    {sums.in_frames, sums.in_octets, sums.copies_wanted,
                                     sums.copies_sent, sums.out_frames, sums.out_octets});
            outcome.counters.insert(outcome.counters.end(), sums.verdicts.begin(),
                                    sums.verdicts.end());
            outcome.counters.insert(outcome.counters.end(), sums.copy_drops.begin(),
                                    sums.copy_drops.end());
        };
        add(reader.interface_sums(mgm::kNoSlot));
        add(reader.interface_sums(router_.slot(TestRouter::kArrival)));
        for (unsigned k = 0; k < plan_.oifs.size(); ++k)
            add(reader.interface_sums(router_.slot(index_of(k))));
        const auto events = reader.event_sums();
        outcome.counters.insert(outcome.counters.end(), events.begin(), events.end());
        for (unsigned group = 0; group < Plan::kGroups; ++group)
            for (const char *address : {group4(group), group6(group)})
                report(outcome, address);
    }
    void report(Outcome &outcome, const char *address) {
        const mgm::RouteKey key{{}, {}, mgm::IpPrefix::parse(address).value()};
        const mgm::EntryReport report = router_.writer().report(key).value();
        outcome.oifs[fmt::format("{} packets", address)] = report.sums.packets;
        outcome.oifs[fmt::format("{} octets", address)] = report.sums.octets;
        for (const auto &[oif, sums] : report.oifs) {
            const std::string name = fmt::format("{} {} ", address, oif.interface);
            outcome.oifs[name + "packets"] = sums.packets;
            outcome.oifs[name + "ttl_too_low"] = sums.ttl_too_low;
            outcome.oifs[name + "too_big"] = sums.too_big;
            outcome.oifs[name + "discarded"] = sums.discarded;
        }
    }

    const Plan &plan_;
    Way way_;
    TestRouter router_;
};

} // namespace

Outcome run(const Plan &plan, Way way) {
    return World(plan, way).run();
}

} // namespace replication
