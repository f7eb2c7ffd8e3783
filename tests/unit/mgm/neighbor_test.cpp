// SPDX-License-Identifier: BSD-3-Clause
#include "interface_fixture.hpp"

#include <algorithm>
#include <array>

namespace mgm_test {
namespace {

class Neighbors : public Interfaces {
protected:
    [[nodiscard]] NeighborSlot next_hop_of(const RouteKey &of) const {
        return set_of(of).oifs()->neighbor;
    }
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
