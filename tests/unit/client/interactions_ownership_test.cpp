// SPDX-License-Identifier: BSD-3-Clause
// mgm-spec 5 through mgm.h: registration, ownership, hand-over to and from IGMP.
#include "tests/unit/client/scene.hpp"

#include <thread>

namespace client_tests {
namespace {

using control::manager::Event;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InteractionsFromNothing : public Scene {
protected:
    void SetUp() override {}
};

TEST_F(InteractionsFromNothing, T01_StartupWithoutIgmp) {
    EXPECT_EQ(A.open(), NO_ERROR);
    EXPECT_NE(A.handle, nullptr);
    DWORD protocol = 5, component = 6;
    EXPECT_EQ(MgmGetProtocolOnInterface(kIf1, 0, &protocol, &component), ERROR_NOT_FOUND);

    EXPECT_EQ(take(A, kIf1), NO_ERROR);
    expect({});
    EXPECT_EQ(MgmGetProtocolOnInterface(kIf1, 0, &protocol, &component), NO_ERROR);
    EXPECT_EQ(protocol, A.protocol);
    EXPECT_EQ(component, A.component);

    HANDLE enumeration = nullptr;
    EXPECT_EQ(MgmGroupEnumerationStart(A, ALL_SOURCES, &enumeration), NO_ERROR);
    std::array<SOURCE_GROUP_ENTRY, 3> records{};
    DWORD size = sizeof records, count = 37;
    EXPECT_EQ(MgmGroupEnumerationGetNext(enumeration, &size,
                                         reinterpret_cast<PBYTE>(records.data()), &count),
              ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), NO_ERROR);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), ERROR_INVALID_PARAMETER);
}

class InteractionsOwnership : public Scene {};

TEST_F(InteractionsOwnership, T02_StartupWithIgmpThere) {
    EXPECT_EQ(take(I, kIf4), NO_ERROR);
    EXPECT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR);
    expect({{A, {"J((*,G),TRUE)"}}, {B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
    EXPECT_EQ(owner(kIf4), "I");
    data(kS2, kG, kIf2);
    expect({{B, {"RPF((S2,G),if2)", "J((S2,G),FALSE)"}}});
    EXPECT_EQ(forwarding(kS2, kG), "if2 -> if4");

    EXPECT_EQ(take(A, kIf4), NO_ERROR);
    expect({{A, {"P((*,G),if4,TRUE)"}},
            {B, {"P((*,G),if4,TRUE)"}},
            {C, {"P((*,G),if4,TRUE)"}},
            {I, {"DISABLE(if4)", "ENABLE(if4)"}}});
    EXPECT_EQ(owner(kIf4), "A");

    std::thread([this] { EXPECT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR); }).join();
    expect({{A, {"LJ((*,G),if4)"}}, {B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
    EXPECT_EQ(forwarding(kS2, kG), "if2 -> if4");
    EXPECT_FALSE(has_lost(kS2, kG, kIf4)) << "8.6";
}

TEST_F(InteractionsOwnership, IgmpSeesTheOldOwnerInDisableAndTheNewOneInEnable_R8_19) {
    ASSERT_EQ(take(I, kIf4), NO_ERROR);
    ASSERT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR);
    forget();
    std::vector<std::string> seen; // I's thread, then this one: Take waits for ENABLE
    I.inside([&](const std::string &callback) {
        seen.push_back(callback + ": " + owner(kIf4));
        seen.insert(seen.end(), groups(I).size(), "with members");
    });

    EXPECT_EQ(take(A, kIf4), NO_ERROR);

    EXPECT_THAT(seen, ElementsAre("DISABLE(if4): I", "with members", "ENABLE(if4): A"));
    forget();
}

TEST_F(InteractionsOwnership, T03_IgmpThatAddsInsideEnableIsRefusedAndNothingHangs) {
    ASSERT_EQ(take(I, kIf4), NO_ERROR);
    ASSERT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR);
    forget();
    std::vector<DWORD> codes;
    I.inside([&](const std::string &) {
        codes.push_back(add(I, {.group = kG}, kIf4));
        codes.push_back(remove(I, {.group = kG}, kIf4));
    });

    EXPECT_EQ(take(A, kIf4), NO_ERROR); // whose deadline for ENABLE is an hour

    EXPECT_THAT(codes, ::testing::Each(ERROR_CAN_NOT_COMPLETE));
    EXPECT_EQ(codes.size(), 4U);
    expect({{A, {"P((*,G),if4,TRUE)"}},
            {B, {"P((*,G),if4,TRUE)"}},
            {C, {"P((*,G),if4,TRUE)"}},
            {I, {"DISABLE(if4)", "ENABLE(if4)"}}});
    EXPECT_THAT(groups(I), IsEmpty());
}

TEST_F(InteractionsOwnership, T04_IgmpOnAProtocolsInterface) {
    EXPECT_EQ(take(I, kIf1), NO_ERROR);
    expect({});
    EXPECT_EQ(owner(kIf1), "A");

    EXPECT_EQ(add(I, {.group = kG}, kIf1), NO_ERROR);
    expect({{A, {"LJ((*,G),if1)"}}, {B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
}

TEST_F(InteractionsOwnership, T05_OwnershipConflict) {
    ASSERT_EQ(take(I, kIf1), NO_ERROR);

    EXPECT_EQ(take(B, kIf1), ERROR_ALREADY_EXISTS);
    EXPECT_THAT(router.events(), ElementsAre(Event::kEnabledByOther));
    EXPECT_EQ(owner(kIf1), "A");
    EXPECT_EQ(take(A, kIf1), ERROR_ALREADY_EXISTS);
    EXPECT_THAT(router.events(), ElementsAre(Event::kEnabledByThis));

    EXPECT_EQ(take(I, kIf1), ERROR_ALREADY_EXISTS);
    Program other_igmp("I2", 0xbeef'0000U | PROTO_IP_IGMP);
    ASSERT_EQ(other_igmp.open(), NO_ERROR);
    EXPECT_EQ(take(other_igmp, kIf1), ERROR_ALREADY_EXISTS);
    expect({});
}

TEST_F(InteractionsOwnership, T06_NextHopIsPartOfTheKey) {
    const DWORD nh1 = be("198.51.100.33"), nh2 = be("198.51.100.34");

    EXPECT_EQ(take(A, 9, nh1), NO_ERROR);
    EXPECT_EQ(take(B, 9, nh2), NO_ERROR);

    EXPECT_EQ(owner(9, nh1), "A");
    EXPECT_EQ(owner(9, nh2), "B");
    EXPECT_EQ(owner(9, 0), "nobody");
    EXPECT_EQ(MgmAddGroupMembershipEntry(A, 0, 0, kG, 0xffff'ffff, 9, nh2, kJoin),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmAddGroupMembershipEntry(A, 0, 0, kG, 0xffff'ffff, 9, nh1, kJoin), NO_ERROR);
    EXPECT_EQ(release(A, 9, nh2), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(release(A, 9, nh1), NO_ERROR);
    EXPECT_EQ(owner(9, nh2), "B");
    const std::vector<std::string> both = {"J((*,G),TRUE)", "P((*,G),if#9/198.51.100.33,TRUE)"};
    expect({{B, both}, {C, both}});
}

TEST_F(InteractionsOwnership, T07_SecondRegistrationOfTheSamePairIsRefused) {
    Program twin("twin", A.protocol, A.component);
    EXPECT_EQ(twin.open(), ERROR_ALREADY_EXISTS);
    EXPECT_EQ(twin.handle, nullptr);
    EXPECT_THAT(router.events(), ElementsAre(Event::kComponentRegistered));

    Program sister("sister", A.protocol, 300);
    EXPECT_EQ(sister.open(), NO_ERROR);
    EXPECT_NE(sister.handle, A.handle);
    EXPECT_NE(sister.handle, nullptr);
}

TEST_F(InteractionsOwnership, T08_DeregistersOnlyWhoOwnsNothing) {
    EXPECT_EQ(MgmDeRegisterMProtocol(A), ERROR_CAN_NOT_COMPLETE);
    EXPECT_THAT(router.events(), ElementsAre(Event::kStillEnabled));
    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR) << "the handle still works";
    expect({{B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});

    EXPECT_EQ(release(A, kIf1), NO_ERROR);
    expect({{B, {"P((*,G),if1,TRUE)"}}, {C, {"P((*,G),if1,TRUE)"}}});
    EXPECT_EQ(MgmDeRegisterMProtocol(A), NO_ERROR);
    EXPECT_EQ(owner(kIf1), "nobody");
    EXPECT_THAT(router.events(), IsEmpty());
    EXPECT_EQ(take(A, kIf4), ERROR_INVALID_PARAMETER); // more of them: handles_test.cpp
    EXPECT_THAT(router.events(), ElementsAre(Event::kBadHandle));
    EXPECT_EQ(MgmDeRegisterMProtocol(A), ERROR_INVALID_PARAMETER);
}

TEST_F(InteractionsOwnership, T09_ShutdownWithIgmp) {
    ASSERT_EQ(take(I, kIf1), NO_ERROR);
    ASSERT_EQ(add(I, {.group = kG}, kIf1), NO_ERROR);
    data(kS2, kG, kIf2); // comes in elsewhere
    data(kS, kG, kIf1);
    forget();
    ASSERT_EQ(forwarding(kS2, kG), "if2 -> if1");
    ASSERT_EQ(forwarding(kS, kG), "if1 -> nothing");

    EXPECT_EQ(release(A, kIf1), NO_ERROR);
    expect({{B, {"P((*,G),if1,TRUE)"}},
            {C, {"P((*,G),if1,TRUE)"}},
            {I, {"DISABLE(if1)", "ENABLE(if1)"}}});
    EXPECT_EQ(owner(kIf1), "I");
    EXPECT_THAT(groups(B), IsEmpty());
    EXPECT_EQ(forwarding(kS, kG), "no entry");

    std::thread([this] { EXPECT_EQ(add(I, {.group = kG}, kIf1), NO_ERROR); }).join();
    expect({{A, {"J((*,G),TRUE)"}}, {B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
    EXPECT_EQ(forwarding(kS2, kG), "if2 -> if1");
    EXPECT_FALSE(has_lost(kS2, kG, kIf1)) << "8.6";
}

} // namespace
} // namespace client_tests
