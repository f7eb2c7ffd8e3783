// SPDX-License-Identifier: BSD-3-Clause
// Address families and vrfs live beside each other: 8.7.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = CallbackKind;

/// D speaks IPv6, E both, M is MLD. if1' and if2' are the IPv6 halves of if1 and if2.
class ManagerFamilyTest : public ManagerTest {
protected:
    void SetUp() override {
        for (Client *client : {&D, &E, &M})
            given_client(*client);
    }
    Client D = routing("D", 5, Families::kIpv6);
    Client E = routing("E", 6, Families::kBoth);
    Client M = group_management("M", mgm::Family::kIpv6);
    const mgm::IpAddress G6 = ip("ff3e:30:2001:db8::8000:25");
    const mgm::IpAddress S6 = ip("2001:db8:5::5");
    const Link if1_v6_ = link(3, "::");
    const Link if2_v6_ = link(37, "::");
};

TEST_F(ManagerFamilyTest, R8_07_EachFamilyHasItsOwnOwner) {
    EXPECT_EQ(take(D, if1_v6_), kOk);
    EXPECT_EQ(take(E, if1_v6_), kAlreadyExists);
    EXPECT_EQ(take(E, if2_v6_), kOk);

    EXPECT_EQ(owner(if1), "A");
    EXPECT_EQ(owner(if1_v6_), "D");
    EXPECT_EQ(release(A, if1), kOk);
    EXPECT_EQ(owner(if1_v6_), "D");
}

TEST_F(ManagerFamilyTest, R8_07_ClientsStayWithinTheirFamilies) {
    EXPECT_EQ(take(A, if2_v6_), kInvalidParameter);
    EXPECT_EQ(take(D, if4), kInvalidParameter);
    EXPECT_EQ(take(M, if4), kInvalidParameter);
    EXPECT_EQ(take(I, if1_v6_), kInvalidParameter);
    EXPECT_EQ(add(E, any(G6), if4), kInvalidParameter); // a group of the other family
    EXPECT_EQ(owner(if4), "nobody");
    EXPECT_EQ(owner(if1_v6_), "nobody");
}

TEST_F(ManagerFamilyTest, R8_07_AlertsGoToTheClientsOfTheFamily) {
    given_owner(D, if1_v6_);
    given_owner(E, if5);

    EXPECT_EQ(add(D, any(ip("ff0e::101")), if1_v6_), kOk);
    expect({"E: J((*,ff0e::101),TRUE)"});
    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)", "E: J((*,G),TRUE)"});
    EXPECT_EQ(add(E, any(G), if5), kOk);
    expect({"A: J((*,G),TRUE)"});
}

TEST_F(ManagerFamilyTest, R8_07_AllGroupsIsOneKeyAFamily) {
    given_owner(D, if1_v6_);

    EXPECT_EQ(add(D, any_group(mgm::Family::kIpv6), if1_v6_), kOk);
    expect({"E: J((*,*),TRUE)"});
    EXPECT_EQ(add(A, any_group(), if1), kOk);
    expect({"B: J((*,*),TRUE)", "C: J((*,*),TRUE)", "E: J((*,*),TRUE)"});
    EXPECT_EQ(remove(D, any_group(mgm::Family::kIpv6), if1_v6_), kOk);
    expect({"E: P((*,*),if1/::,TRUE)"});
}

TEST_F(ManagerFamilyTest, R8_07_MldAndIgmpDoNotDisturbEachOther) {
    given_owner(I, if4);
    given_owner(M, link(1000, "::"));

    EXPECT_EQ(take(E, link(1000, "::")), kOk);
    expect({"M: DISABLE(if4/::)", "M: ENABLE(if4/::)"});
    EXPECT_EQ(take(E, if4), kOk);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
}

TEST_F(ManagerFamilyTest, R8_07_DataOfIpv6) {
    given_owner(D, if1_v6_);
    given_owner(E, if2_v6_);
    given_member(E, sg(S6, G6), if2_v6_);
    add_route("2001:db8:5::/64", if1);
    expect({"D: J((2001:db8:5::5,ff3e:30:2001:db8::8000:25),TRUE)"});

    data(S6, G6, if1);

    const std::string key = "(2001:db8:5::5,ff3e:30:2001:db8::8000:25)";
    expect({"D: RPF(" + key + ",if1/::)", "E: CREATION(" + key + ",if1/::,[if2/::])",
            "D: J(" + key + ",FALSE)"});
    EXPECT_EQ(forwarding(S6, G6), "if1 -> if2/::");
}

TEST_F(ManagerFamilyTest, R8_07_GroupsThatIpv6NeverForwards) {
    given_owner(D, if1_v6_);
    for (const char *group : {"ff02::16", "ff01::1", "ff12::1:3", "2001:db8::1"})
        EXPECT_EQ(add(D, any(ip(group)), if1_v6_), kInvalidParameter) << group;
    EXPECT_THAT(groups(), IsEmpty());
}

// --- vrfs

class ManagerVrfTest : public ManagerTest {
protected:
    Client in_vrf_5(const std::string &name, std::uint32_t component) {
        Client client = routing(name, component);
        client.registration.vrf = mgm::Vrf{5};
        return client;
    }
};

TEST_F(ManagerVrfTest, R8_07_IdentityIsUniqueWithinAVrf) {
    Client namesake = in_vrf_5("A in vrf 5", 3);
    EXPECT_EQ(register_client(namesake), kOk);
    Client twin = in_vrf_5("twin in vrf 5", 3);
    EXPECT_EQ(register_client(twin), kAlreadyExists);
    Client in_v6 = routing("A in IPv6", 3, Families::kIpv6);
    EXPECT_EQ(register_client(in_v6), kAlreadyExists);
}

TEST_F(ManagerVrfTest, R8_07_VrfsShareNothing) {
    Client x = in_vrf_5("X", 3);
    Client y = in_vrf_5("Y", 4);
    given_client(x);
    given_client(y);

    EXPECT_EQ(take(x, if2), kOk); // B's in vrf 0
    EXPECT_EQ(owner(if2), "B");
    EXPECT_EQ(owner(if2, 5), "X");
    EXPECT_EQ(add(x, any(G), if2), kOk);
    expect({"Y: J((*,G)@5,TRUE)"});
    EXPECT_EQ(add(B, any(G), if2), kOk);
    expect({"A: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(remove(x, any(G), if2), kOk);
    expect({"Y: P((*,G)@5,if2,TRUE)"});
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
}

TEST_F(ManagerVrfTest, R8_07_DataOfAVrfIsForwardedByItsMembers) {
    Client x = in_vrf_5("X", 3);
    given_client(x);
    given_owner(x, if2);
    given_member(x, any(G), if2);
    given_member(C, any(G), if3);

    manager->new_source({.key = sg(S, G, 5), .interface = if1.interface, .header = {}}, now);
    EXPECT_EQ(forwarding(S, G), "no entry");
    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    EXPECT_EQ(manager->entry_after(sg(S, G), now), std::nullopt); // of the same vrf
}

} // namespace
} // namespace control::manager::test
