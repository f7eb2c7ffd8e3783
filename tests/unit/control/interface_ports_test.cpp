// SPDX-License-Identifier: BSD-3-Clause
#include "control/interface_ports.hpp"
#include "control_fixture.hpp"

#include <gmock/gmock.h>

namespace control {
namespace {

using test::interface;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Kind = mgm::PortEvent::Kind;

class InterfacePortsTest : public ::testing::Test {
protected:
    void SetUp() override {
        // two VLANs and the untagged interface of one port, and one port of its own
        for (const auto &spec :
             {interface(3, "net_tap0,iface=x"), interface(7, "net_tap0,iface=x", 7),
              interface(37, "net_tap0,iface=x", 4094), interface(9, "net_null9")}) {
            ASSERT_TRUE(tables.writer.upsert_interface(spec));
            ASSERT_TRUE(ports.attach(spec.index, spec.port));
        }
    }
    void event(Kind kind, const std::string &port, std::uint16_t port_id,
               mgm::LinkState link = mgm::LinkState::kUp) {
        ports.handle({.kind = kind,
                      .port = port,
                      .port_id = port_id,
                      .mac = *mgm::MacAddress::parse("02:00:00:00:00:1f"),
                      .link = link,
                      .what = "no such device"});
    }
    static constexpr const char *kTap = "net_tap0,iface=x";

    test::Tables tables;
    InterfacePorts ports{tables.writer};
};

TEST_F(InterfacePortsTest, LeadsFramesOfAnOpenedPortToItsVlanInterfaces) {
    event(Kind::kOpened, kTap, 31);

    EXPECT_EQ(tables.index_at(31, 0), 3U);
    EXPECT_EQ(tables.index_at(31, 7), 7U);
    EXPECT_EQ(tables.index_at(31, 4094), 37U);
    EXPECT_EQ(tables.index_at(31, 8), 0U);
    EXPECT_EQ(tables.record(37)->mac, *mgm::MacAddress::parse("02:00:00:00:00:1f"));
    EXPECT_EQ(tables.record(9)->state, mgm::LinkState::kPending);
}

TEST_F(InterfacePortsTest, WritesALinkChangeIntoEveryInterfaceOfThePort) {
    event(Kind::kOpened, kTap, 31);

    event(Kind::kLink, kTap, 31, mgm::LinkState::kDown);

    for (const std::uint32_t index : {3U, 7U, 37U})
        EXPECT_EQ(tables.record(index)->state, mgm::LinkState::kDown) << index;
}

TEST_F(InterfacePortsTest, AcknowledgesAnOpenedPortOnceItsInterfacesLeadToIt) {
    event(Kind::kOpened, kTap, 31);

    EXPECT_THAT(ports.settle(), ElementsAre(31));
    EXPECT_THAT(ports.settle(), IsEmpty());
    EXPECT_EQ(tables.index_at(31, 7), 7U);
}

TEST_F(InterfacePortsTest, AcknowledgesAClosingPortOnceNothingLeadsToIt) {
    event(Kind::kOpened, kTap, 31);
    EXPECT_THAT(ports.settle(), ElementsAre(31)); // opened
    event(Kind::kClosing, kTap, 31);

    EXPECT_THAT(ports.settle(), ElementsAre(31));
    EXPECT_THAT(ports.settle(), IsEmpty());
    EXPECT_EQ(tables.index_at(31, 7), 0U);
    EXPECT_EQ(tables.record(7)->state, mgm::LinkState::kPending);
    EXPECT_EQ(tables.record(7)->port_id, mgm::kNoPort);
}

TEST_F(InterfacePortsTest, AcknowledgesOpeningAndClosingEachOfAPortThatWasGoneAtOnce) {
    event(Kind::kOpened, kTap, 31);
    event(Kind::kClosing, kTap, 31);

    // The port manager counts: it closes the port, and may give its id away, only after the second.
    EXPECT_THAT(ports.settle(), ElementsAre(31, 31));
    EXPECT_THAT(ports.settle(), IsEmpty());
}

TEST_F(InterfacePortsTest, AcknowledgesAPortThatNoInterfaceIsOn) {
    event(Kind::kOpened, "net_null77", 2);
    EXPECT_THAT(ports.settle(), ElementsAre(2));

    event(Kind::kClosing, "net_null77", 2);

    EXPECT_THAT(ports.settle(), ElementsAre(2));
}

TEST_F(InterfacePortsTest, UsesAPortAgainThatCameBackUnderAnotherId) {
    event(Kind::kOpened, kTap, 31);
    event(Kind::kClosing, kTap, 31);
    ports.settle();

    event(Kind::kOpened, kTap, 1);

    EXPECT_EQ(tables.index_at(1, 4094), 37U);
    EXPECT_EQ(tables.index_at(31, 4094), 0U);
}

TEST_F(InterfacePortsTest, IgnoresALinkChangeOfAClosedPort) {
    event(Kind::kOpened, kTap, 31);
    event(Kind::kClosing, kTap, 31);

    event(Kind::kLink, kTap, 31, mgm::LinkState::kUp);

    EXPECT_EQ(tables.record(3)->state, mgm::LinkState::kPending);
}

TEST_F(InterfacePortsTest, CountsEventsPerInterfaceAndKeepsTheLastFailure) {
    event(Kind::kFailed, kTap, mgm::kNoPort);
    EXPECT_EQ(ports.status_of(mgm::IfIndex{37}).last_failure, "no such device");

    event(Kind::kOpened, kTap, 31);

    EXPECT_EQ(ports.status_of(mgm::IfIndex{37}).events, 2U);
    EXPECT_EQ(ports.status_of(mgm::IfIndex{37}).last_failure, "");
    EXPECT_EQ(ports.status_of(mgm::IfIndex{37}).port, kTap);
    EXPECT_EQ(ports.status_of(mgm::IfIndex{9}).events, 0U);
}

TEST_F(InterfacePortsTest, DetachesOneVlanAndLeavesTheOthersOnThePort) {
    event(Kind::kOpened, kTap, 31);

    ASSERT_TRUE(ports.detach(mgm::IfIndex{7}));

    EXPECT_EQ(tables.index_at(31, 7), 0U);
    EXPECT_EQ(tables.index_at(31, 4094), 37U);
}

TEST_F(InterfacePortsTest, TriesAgainWhatTheTablesHadNoRoomFor) {
    // A worker that holds on to old blocks: link changes pile up until no block is left.
    tables.grace.online(0);
    event(Kind::kOpened, kTap, 31);
    EXPECT_THAT(ports.settle(), ElementsAre(31)); // opened
    mgm::LinkState link = mgm::LinkState::kUp;
    while (tables.record(37)->state == link) {
        link = link == mgm::LinkState::kUp ? mgm::LinkState::kDown : mgm::LinkState::kUp;
        event(Kind::kLink, kTap, 31, link);
    }
    event(Kind::kClosing, kTap, 31);
    tables.grace.offline(0);
    tables.writer.reclaim();

    EXPECT_THAT(ports.settle(), ElementsAre(31));
    EXPECT_EQ(tables.record(37)->port_id, mgm::kNoPort);
}

} // namespace
} // namespace control
