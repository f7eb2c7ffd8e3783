// SPDX-License-Identifier: BSD-3-Clause
#include "interface_fixture.hpp"
#include "mgm/segment_reader.hpp"

namespace mgm_test {
namespace {

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

} // namespace
} // namespace mgm_test
