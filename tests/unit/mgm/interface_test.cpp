// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/segment_reader.hpp"
#include "table_fixture.hpp"

#include <algorithm>
#include <array>

namespace mgm_test {
namespace {

class Interfaces : public TableTest {
protected:
    Interfaces() : mac(*MacAddress::parse("02:00:00:00:03:02")) {}
    PortAttachment up(std::uint16_t port) const { return {port, LinkState::kUp, mac}; }
    InterfaceSpec vlan(IfIndex index, std::uint16_t id) const {
        InterfaceSpec spec = interface_spec(index);
        spec.vlan = id;
        return spec;
    }
    bool is_own(const char *text, std::uint32_t vrf = 0) const {
        const IpAddress own = address(text);
        return own.family() == Family::kIpv4 ? tables.is_own_address<Family::kIpv4>(vrf, own.v4())
                                             : tables.is_own_address<Family::kIpv6>(vrf, own.v6());
    }

    const MacAddress mac;
};

TEST_F(Interfaces, ArePendingUntilTheirPortComesAndAgainWhenItGoes) {
    EXPECT_EQ(record(kIf17).state, LinkState::kPending);
    EXPECT_EQ(record(kIf17).port_id, kNoPort);
    ASSERT_TRUE(writer.attach_port(kIf17, up(7)));
    EXPECT_EQ(record(kIf17).state, LinkState::kUp);
    EXPECT_EQ(record(kIf17).mac, mac);
    EXPECT_EQ(tables.slot_of(7, 0), slot(kIf17));
    ASSERT_TRUE(writer.attach_port(kIf17, {}));
    EXPECT_EQ(record(kIf17).state, LinkState::kPending);
    EXPECT_EQ(tables.slot_of(7, 0), kNoSlot);
}

TEST_F(Interfaces, KeepTheirConfiguredMacOverThePorts) {
    InterfaceSpec spec = interface_spec(kIf17);
    spec.mac = MacAddress::parse("02:aa:00:00:00:11");
    ASSERT_TRUE(writer.upsert_interface(spec));
    ASSERT_TRUE(writer.attach_port(kIf17, up(7)));
    EXPECT_EQ(record(kIf17).mac, *spec.mac);
}

TEST_F(Interfaces, KeepSlotAndPortWhenReplaced) {
    ASSERT_TRUE(writer.attach_port(kIf17, up(7)));
    const IfSlot before = slot(kIf17);
    InterfaceSpec spec = interface_spec(kIf17);
    spec.mtu = 1400;
    EXPECT_EQ(writer.upsert_interface(spec).value(), before);
    EXPECT_EQ(record(kIf17).mtu, 1400);
    EXPECT_EQ(record(kIf17).port_id, 7);
    EXPECT_EQ(tables.slot_of(7, 0), before);
}

TEST_F(Interfaces, AreNotTouchedByAnEqualSpecOrAttachment) {
    ASSERT_TRUE(writer.attach_port(kIf17, up(7)));
    const InterfaceRecord *before = &record(kIf17);
    ASSERT_TRUE(writer.upsert_interface(interface_spec(kIf17)));
    ASSERT_TRUE(writer.attach_port(kIf17, up(7)));
    EXPECT_EQ(&record(kIf17), before);
}

TEST_F(Interfaces, ShareAPortByVlan_S1_6) {
    ASSERT_TRUE(writer.upsert_interface(vlan(kIf17, 4094)));
    ASSERT_TRUE(writer.upsert_interface(vlan(kIf99, 1)));
    ASSERT_TRUE(writer.attach_port(kIf17, up(31)));
    ASSERT_TRUE(writer.attach_port(kIf99, up(31)));
    ASSERT_TRUE(writer.attach_port(kIf3, up(31)));
    EXPECT_EQ(tables.slot_of(31, 4094), slot(kIf17));
    EXPECT_EQ(tables.slot_of(31, 1), slot(kIf99));
    EXPECT_EQ(tables.slot_of(31, 0), slot(kIf3));
    EXPECT_EQ(tables.slot_of(31, 2), kNoSlot);
    EXPECT_EQ(tables.slot_of(30, 1), kNoSlot);
    const std::uint32_t with_map = writer.usage().block_units;
    ASSERT_TRUE(writer.attach_port(kIf17, {}));
    EXPECT_EQ(tables.slot_of(31, 4094), kNoSlot);
    EXPECT_EQ(tables.slot_of(31, 1), slot(kIf99));
    ASSERT_TRUE(writer.remove_interface(kIf99));
    EXPECT_EQ(tables.slot_of(31, 1), kNoSlot);
    EXPECT_EQ(writer.reclaim(), 0U);
    EXPECT_LT(writer.usage().block_units + 250, with_map) << "the port's VLAN map stays";
}

TEST_F(Interfaces, MoveWithTheirVlan) {
    ASSERT_TRUE(writer.attach_port(kIf17, up(3)));
    ASSERT_TRUE(writer.upsert_interface(vlan(kIf17, 10)));
    EXPECT_EQ(tables.slot_of(3, 0), kNoSlot);
    EXPECT_EQ(tables.slot_of(3, 10), slot(kIf17));
}

TEST_F(Interfaces, CannotTakeAPlaceThatAnotherHas) {
    ASSERT_TRUE(writer.attach_port(kIf17, up(3)));
    EXPECT_EQ(code_of(writer.attach_port(kIf99, up(3))), Errc::kExists);
    EXPECT_EQ(record(kIf99).state, LinkState::kPending);
    EXPECT_EQ(code_of(writer.attach_port(kIf99, up(32))), Errc::kInvalidArgument);
    EXPECT_EQ(code_of(writer.attach_port(IfIndex{5}, up(4))), Errc::kNotFound);
}

TEST_F(Interfaces, CannotGoWhileARouteNamesThem) {
    const RouteKey key = route("10.7.0.1", "225.1.2.3");
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17})));
    EXPECT_EQ(code_of(writer.remove_interface(kIf3)), Errc::kExists);
    EXPECT_EQ(code_of(writer.remove_interface(kIf17)), Errc::kExists);
    EXPECT_TRUE(writer.remove_interface(kIf99));
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf4711})));
    EXPECT_TRUE(writer.remove_interface(kIf17));
    ASSERT_TRUE(writer.remove(key));
    EXPECT_TRUE(writer.remove_interface(kIf3));
    EXPECT_EQ(code_of(writer.remove_interface(kIf3)), Errc::kNotFound);
}

TEST_F(Interfaces, LeaveASlotWithFreshCountersToTheNext) {
    const IfSlot before = slot(kIf17);
    tables.interface_counters(1, before).in_frames.add(12);
    tables.interface_counters(1, before).verdicts[3].add(12);
    ASSERT_TRUE(writer.remove_interface(kIf17));
    EXPECT_EQ(writer.index_of(before), std::nullopt);
    EXPECT_EQ(writer.reclaim(), 0U);
    EXPECT_EQ(writer.upsert_interface(interface_spec(IfIndex{8})).value(), before);
    const SegmentReader reader(tables);
    EXPECT_EQ(reader.interface_sums(before).in_frames, 0U);
    EXPECT_EQ(reader.interface_sums(before).verdicts[3], 0U);
    tables.interface_counters(0, before).in_frames.add(5);
    EXPECT_EQ(reader.interface_sums(before).in_frames, 5U);
}

TEST_F(Interfaces, LeaveWhatTheyCountedToTheTotals) {
    const SegmentReader reader(tables);
    std::uint64_t expected = 0;
    for (unsigned round = 1; round <= 5; ++round) {
        const IfSlot at = writer.upsert_interface(interface_spec(IfIndex{60 + round})).value();
        for (std::uint32_t w = 0; w < 2; ++w) {
            InterfaceCounters &row = tables.interface_counters(w, at);
            for (Counter *counter :
                 {&row.in_frames, &row.in_octets, &row.copies_wanted, &row.copies_sent,
                  &row.out_frames, &row.out_octets, &row.verdicts[3], &row.copy_drops[40]})
                counter->add(round + w);
            expected += round + w;
        }
        ASSERT_TRUE(writer.remove_interface(IfIndex{60 + round}));
        EXPECT_EQ(writer.reclaim(), 0U);
        const InterfaceSums total = reader.total_sums();
        for (const std::uint64_t sum :
             {total.in_frames, total.in_octets, total.copies_wanted, total.copies_sent,
              total.out_frames, total.out_octets, total.verdicts[3], total.copy_drops[40]})
            EXPECT_EQ(sum, expected);
        EXPECT_EQ(reader.interface_sums(at).out_octets, 0U);
        EXPECT_EQ(reader.worker(0).sums.in_frames + reader.worker(1).sums.in_frames, expected);
    }
}

TEST_F(Interfaces, DoNotPassTheirSlotOnWhileAWorkerMayStillUseIt) {
    const IfSlot before = slot(kIf17);
    grace.online(1);
    ASSERT_TRUE(writer.remove_interface(kIf17));
    for (std::uint32_t i = 0; i < 9; ++i)
        EXPECT_NE(writer.upsert_interface(interface_spec(IfIndex{100 + i})).value(), before);
    grace.quiescent(1);
    EXPECT_EQ(writer.upsert_interface(interface_spec(IfIndex{200})).value(), before);
    grace.offline(1);
}

TEST_F(Interfaces, SayThatTheSlotsAreUsedUp) {
    for (std::uint32_t i = 0; i < 9; ++i)
        ASSERT_TRUE(writer.upsert_interface(interface_spec(IfIndex{100 + i})));
    EXPECT_EQ(code_of(writer.upsert_interface(interface_spec(IfIndex{200}))), Errc::kTableFull);
    EXPECT_EQ(writer.slot_of(IfIndex{200}), std::nullopt);
}

TEST_F(Interfaces, MakeTheirAddressesOurOwnInTheirVrf) {
    InterfaceSpec spec = interface_spec(kIf17);
    spec.addresses = {prefix("198.51.100.1/28"), prefix("2001:db8:1::1/64")};
    spec.vrf = Vrf{3};
    ASSERT_TRUE(writer.upsert_interface(spec));
    spec = interface_spec(kIf99);
    spec.addresses = {prefix("198.51.100.1/24"), prefix("203.0.113.9/32")};
    ASSERT_TRUE(writer.upsert_interface(spec));
    EXPECT_TRUE(is_own("198.51.100.1", 3));
    EXPECT_TRUE(is_own("2001:db8:1::1", 3));
    EXPECT_FALSE(is_own("2001:db8:1::1", 0));
    EXPECT_FALSE(is_own("203.0.113.9", 3));
    EXPECT_FALSE(is_own("198.51.100.2", 3));
    EXPECT_TRUE(is_own("198.51.100.1", 0));
    ASSERT_TRUE(writer.remove_interface(kIf99));
    EXPECT_FALSE(is_own("198.51.100.1", 0));
    EXPECT_TRUE(is_own("198.51.100.1", 3));
}

TEST_F(Interfaces, HoldManyAddresses) {
    InterfaceSpec spec = interface_spec(kIf17);
    for (std::uint32_t i = 0; i < 700; ++i)
        spec.addresses.push_back({IpAddress(from_host(0x0a000000U + i * 257)), 24});
    ASSERT_TRUE(writer.upsert_interface(spec));
    for (const IpPrefix &own : spec.addresses)
        EXPECT_TRUE(tables.is_own_address<Family::kIpv4>(0, own.address.v4()) ||
                    own.address.v4().be == 0);
    EXPECT_FALSE(is_own("10.250.3.3"));
    EXPECT_EQ(record(kIf17).ipv4_count, 700);
}

TEST_F(Interfaces, ChangeNothingWhenThereIsNoRoom) {
    InterfaceSpec spec = interface_spec(kIf17);
    for (std::uint32_t i = 0; i < 4096; ++i)
        spec.addresses.push_back({IpAddress(from_host(0x0a000001U + i)), 24});
    for (std::uint32_t i = 0; i < 4096; ++i)
        spec.boundaries.push_back(prefix("239.255.0.0/16"));
    EXPECT_EQ(writer.reclaim(), 0U);
    const TableUsage before = writer.usage();
    EXPECT_EQ(code_of(writer.upsert_interface(spec)), Errc::kTableFull);
    EXPECT_EQ(writer.usage().block_units, before.block_units);
    EXPECT_EQ(record(kIf17).ipv4_count, 0);
    spec.index = IfIndex{8};
    EXPECT_EQ(code_of(writer.upsert_interface(spec)), Errc::kTableFull);
    EXPECT_EQ(writer.slot_of(IfIndex{8}), std::nullopt);
}

TEST_F(Interfaces, AreRefusedWithAReasonWhenTheyCanNeverBeRight) {
    const auto refuses = [this](auto change) {
        InterfaceSpec spec = interface_spec(IfIndex{8});
        change(spec);
        return code_of(writer.upsert_interface(spec)) == Errc::kInvalidArgument;
    };
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) { spec.name.clear(); }));
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) { spec.name = std::string(32, 'x'); }));
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) { spec.vlan = 4095; }));
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) { spec.vrf = Vrf{5}; }));
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) { spec.mtu = 67; }));
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) { spec.mtu = 9601; }));
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) { spec.ttl_threshold = 257; }));
    EXPECT_TRUE(refuses([](InterfaceSpec &spec) {
        spec.mtu = 1279; // RFC 8200 5
        spec.addresses = {prefix("2001:db8::1/64")};
    }));
}

TEST_F(Interfaces, CarryBoundariesBehindTheirAddresses) {
    InterfaceSpec spec = interface_spec(kIf17);
    spec.addresses = {prefix("198.51.100.1/28"), prefix("2001:db8:1::1/64"),
                      prefix("198.51.100.2/31")};
    spec.boundaries = {prefix("ff35::/16"), prefix("239.255.0.0/16"), prefix("239.0.0.0/0")};
    ASSERT_TRUE(writer.upsert_interface(spec));
    const InterfaceRecord &own = record(kIf17);
    ASSERT_EQ(own.ipv4_count, 2);
    ASSERT_EQ(own.ipv4_boundary_count, 2);
    ASSERT_EQ(own.ipv6_count, 1);
    ASSERT_EQ(own.ipv6_boundary_count, 1);
    EXPECT_EQ(own.ipv4_addresses()[1].mask_be, address("255.255.255.254").v4().be);
    EXPECT_EQ(own.ipv4_boundaries()[0].mask_be, address("255.255.0.0").v4().be);
    EXPECT_EQ(own.ipv4_boundaries()[1].mask_be, 0U);
    EXPECT_EQ(own.ipv6_addresses()[0].length, 64U);
    EXPECT_EQ(own.ipv6_boundaries()[0].address, address("ff35::").v6());
}

// --- neighbours

class Neighbors : public Interfaces {
protected:
    NeighborSlot next_hop_of(const RouteKey &of) const { return set_of(of).oifs()->neighbor; }
    RouteAction to(const char *next_hop) const { return {{kIf3}, {{kIf17, 0, address(next_hop)}}}; }
    std::optional<MacAddress> mac_of(IfIndex index, const char *text) const {
        return tables.neighbor_mac(slot(index), address(text).v6());
    }
    const RouteKey key = route("10.7.0.1", "225.1.2.3");
};

TEST_F(Neighbors, AreUnknownUntilTheirMacIsSet) {
    ASSERT_TRUE(writer.upsert(key, to("198.51.100.34")));
    const NeighborSlot neighbor = next_hop_of(key);
    EXPECT_NE(neighbor, kGroupMac);
    EXPECT_EQ(tables.neighbor_mac(neighbor), std::nullopt);
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("198.51.100.34"), mac));
    EXPECT_EQ(tables.neighbor_mac(neighbor), mac);
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("198.51.100.34"), std::nullopt));
    EXPECT_EQ(tables.neighbor_mac(neighbor), std::nullopt);
    ASSERT_TRUE(writer.remove(key));
    EXPECT_EQ(writer.usage().neighbors, 0U);
}

TEST_F(Neighbors, AreOneForEachInterface) {
    ASSERT_TRUE(writer.set_neighbor(kIf99, address("198.51.100.34"), mac));
    ASSERT_TRUE(writer.upsert(key, to("198.51.100.34")));
    EXPECT_EQ(tables.neighbor_mac(next_hop_of(key)), std::nullopt);
}

TEST_F(Neighbors, GoWithTheirInterface) {
    ASSERT_TRUE(writer.set_neighbor(kIf99, address("198.51.100.34"), mac));
    ASSERT_TRUE(writer.set_neighbor(kIf99, address("2001:db8::34"), mac));
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("198.51.100.34"), mac));
    ASSERT_TRUE(writer.remove_interface(kIf99));
    EXPECT_EQ(writer.usage().neighbors, 1U);
}

TEST_F(Neighbors, AreFoundByTheirIpv6AddressOnTheirInterfaceOnly) {
    const auto other = MacAddress::parse("02:00:00:00:11:22");
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("2001:db8::34"), mac));
    ASSERT_TRUE(writer.set_neighbor(kIf99, address("2001:db8::34"), other));
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("198.51.100.34"), mac));

    EXPECT_EQ(mac_of(kIf17, "2001:db8::34"), mac);
    EXPECT_EQ(mac_of(kIf99, "2001:db8::34"), other);
    EXPECT_EQ(mac_of(kIf3, "2001:db8::34"), std::nullopt);
    EXPECT_EQ(mac_of(kIf17, "2001:db8::35"), std::nullopt);
    EXPECT_EQ(mac_of(kIf17, "::ffff:198.51.100.34"), std::nullopt);
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("2001:db8::34"), other));
    EXPECT_EQ(mac_of(kIf17, "2001:db8::34"), other);
    ASSERT_TRUE(writer.remove_interface(kIf99));
    EXPECT_EQ(mac_of(kIf17, "2001:db8::34"), other);
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("2001:db8::34"), std::nullopt));
    EXPECT_EQ(mac_of(kIf17, "2001:db8::34"), std::nullopt);
}

TEST_F(Neighbors, HaveNoMacToFindWhileOnlyARouteNamesThem) {
    const RouteAction action{{kIf3}, {{kIf17, 0, address("2001:db8::34")}}};
    const RouteKey key6 = route("2001:db8::7", "ff1e::7");
    ASSERT_TRUE(writer.upsert(key6, action));
    EXPECT_EQ(mac_of(kIf17, "2001:db8::34"), std::nullopt);
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("2001:db8::34"), mac));
    EXPECT_EQ(mac_of(kIf17, "2001:db8::34"), mac);
    EXPECT_EQ(tables.neighbor_mac(next_hop_of(key6)), mac);
}

/// Seven places in seven chains: some share one, others each time, for the salt is another one.
TEST_F(Neighbors, AreFoundWhicheverOfTheirChainGoesFirst) {
    const auto text = [](unsigned n) { return fmt::format("2001:db8::{:x}", n); };
    std::array<unsigned, 7> going{0, 1, 2, 3, 4, 5, 6};
    for (unsigned round = 0; round < 500; ++round) {
        for (const unsigned n : going)
            ASSERT_TRUE(writer.set_neighbor(kIf17, address(text(7 * round + n).c_str()), mac));
        std::next_permutation(going.begin(), going.end());
        for (std::size_t gone = 0; gone < going.size(); ++gone) {
            const std::string name = text(7 * round + going[gone]);
            ASSERT_TRUE(writer.set_neighbor(kIf17, address(name.c_str()), std::nullopt));
            for (std::size_t k = 0; k < going.size(); ++k)
                ASSERT_EQ(mac_of(kIf17, text(7 * round + going[k]).c_str()).has_value(), k > gone);
        }
    }
    EXPECT_EQ(writer.usage().neighbors, 0U);
}

TEST_F(Neighbors, KeepTheLinkThatAWorkerMayStandAt) {
    const auto text = [](unsigned n) { return fmt::format("2001:db8::{:x}", n); };
    const auto chain = [&](unsigned n) {
        return &tables.neighbor_chain(slot(kIf17), address(text(n).c_str()).v6());
    };
    std::vector<std::string> names; // all in one chain; the last one made is its first
    for (unsigned n = 1; names.size() < 3; ++n)
        if (chain(n) == chain(1)) {
            names.push_back(text(n));
            ASSERT_TRUE(writer.set_neighbor(kIf17, address(names.back().c_str()), mac));
        }
    const NeighborSlot first{chain(1)->load()};
    const NeighborSlot middle{tables.neighbor_link(first).next.load()};
    const NeighborLink &link = tables.neighbor_link(middle);
    const std::uint32_t last = link.next.load();
    grace.online(1); // the worker has come to the middle

    ASSERT_TRUE(writer.set_neighbor(kIf17, address(names[1].c_str()), std::nullopt));
    for (unsigned n = 1; n <= 4; ++n)
        ASSERT_TRUE(writer.set_neighbor(kIf99, address(text(n).c_str()), mac));
    EXPECT_EQ(code_of(writer.set_neighbor(kIf99, address("2001:db8::99"), mac)), Errc::kTableFull);

    EXPECT_EQ(link.address, address(names[1].c_str()).v6());
    EXPECT_EQ(link.next.load(), last);
    EXPECT_EQ(mac_of(kIf17, names[0].c_str()), mac);
    EXPECT_EQ(mac_of(kIf17, names[1].c_str()), std::nullopt);
    EXPECT_EQ(mac_of(kIf17, names[2].c_str()), mac);
    grace.quiescent(1);
    EXPECT_TRUE(writer.set_neighbor(kIf99, address("2001:db8::99"), mac));
    grace.offline(1);
}

TEST_F(Neighbors, AreRefusedWhenTheyCanBeNone) {
    EXPECT_EQ(code_of(writer.set_neighbor(IfIndex{5}, address("198.51.100.34"), mac)),
              Errc::kNotFound);
    EXPECT_EQ(code_of(writer.set_neighbor(kIf17, address("225.1.1.1"), mac)),
              Errc::kInvalidArgument);
    EXPECT_EQ(code_of(writer.set_neighbor(kIf17, address("198.51.100.34"),
                                          MacAddress::parse("01:00:5e:00:00:01"))),
              Errc::kInvalidArgument);
    EXPECT_EQ(writer.usage().neighbors, 0U);
}

TEST_F(Neighbors, DoNotPassTheirPlaceOnWhileAWorkerMayStillUseIt) {
    ASSERT_TRUE(writer.upsert(key, to("198.51.100.34")));
    const NeighborSlot before = next_hop_of(key);
    grace.online(1);
    ASSERT_TRUE(writer.upsert(key, to("198.51.100.35")));
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(
            writer.set_neighbor(kIf99, address(fmt::format("198.51.100.{}", i + 1).c_str()), mac));
    EXPECT_EQ(tables.neighbor_mac(before), std::nullopt) << "another neighbor's MAC";
    grace.quiescent(1);
    ASSERT_TRUE(writer.set_neighbor(kIf99, address("198.51.100.77"), mac));
    EXPECT_EQ(tables.neighbor_mac(before), mac);
    grace.offline(1);
}

TEST_F(Neighbors, SayThatTheirTableIsFull) {
    for (int i = 0; i < 7; ++i)
        ASSERT_TRUE(
            writer.set_neighbor(kIf17, address(fmt::format("198.51.100.{}", i + 1).c_str()), mac));
    EXPECT_EQ(code_of(writer.set_neighbor(kIf17, address("198.51.100.9"), mac)), Errc::kTableFull);
    EXPECT_EQ(code_of(writer.upsert(key, to("198.51.100.9"))), Errc::kTableFull);
    ASSERT_TRUE(writer.set_neighbor(kIf17, address("198.51.100.3"), std::nullopt));
    EXPECT_TRUE(writer.upsert(key, to("198.51.100.9")));
    EXPECT_EQ(tables.neighbor_mac(next_hop_of(key)), std::nullopt) << "another neighbor's MAC";
}

} // namespace
} // namespace mgm_test
