// SPDX-License-Identifier: BSD-3-Clause
// mgm-spec 5 through mgm.h: who hears of joins and leaves.
#include "tests/unit/client/scene.hpp"

#include <atomic>
#include <thread>

namespace client_tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InteractionsMembership : public Scene {
protected:
    explicit InteractionsMembership(const Options &options = patient()) : Scene(options) {}

    /// The state that T10 ends in.
    void given_three_members() {
        ASSERT_EQ(take(A, kIf5), NO_ERROR);
        ASSERT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
        ASSERT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR);
        ASSERT_EQ(add(C, {.group = kG}, kIf3), NO_ERROR);
        ASSERT_EQ(add(A, {.group = kG}, kIf5), NO_ERROR);
        forget();
    }
};

TEST_F(InteractionsMembership, T10_FirstSecondAndThirdJoin) {
    ASSERT_EQ(take(A, kIf5), NO_ERROR);

    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    expect({{B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
    EXPECT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR);
    expect({{A, {"J((*,G),TRUE)"}}});
    EXPECT_EQ(add(C, {.group = kG}, kIf3), NO_ERROR);
    EXPECT_EQ(add(A, {.group = kG}, kIf5), NO_ERROR);
    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    EXPECT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR);
    EXPECT_EQ(add(C, {.group = kG}, kIf3), NO_ERROR);
    expect({});
}

TEST_F(InteractionsMembership, T10_IgmpIsAlertedWhenItRegisteredTheCallback) {
    Program curious("I2", 0xbeef'0000U | PROTO_IP_IGMP);
    curious.config.pfnJoinAlertCallback = curious.functions.pfnJoinAlertCallback;
    ASSERT_EQ(curious.open(), NO_ERROR);

    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    expect({{B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}, {curious, {"J((*,G),TRUE)"}}});
}

TEST_F(InteractionsMembership, T11_LastOnesToLeave) {
    given_three_members();

    EXPECT_EQ(remove(A, {.group = kG}, kIf5), NO_ERROR);
    EXPECT_EQ(remove(C, {.group = kG}, kIf3), NO_ERROR);
    expect({});
    EXPECT_EQ(remove(B, {.group = kG}, kIf2), NO_ERROR);
    expect({{A, {"P((*,G),if2,TRUE)"}}});
    EXPECT_EQ(remove(A, {.group = kG}, kIf1), NO_ERROR);
    expect({{B, {"P((*,G),if1,TRUE)"}}, {C, {"P((*,G),if1,TRUE)"}}});
    EXPECT_EQ(remove(A, {.group = kG}, kIf1), ERROR_NOT_FOUND);
    expect({});
}

TEST_F(InteractionsMembership, T12_SourceSpecificJoinsAreForTheOwnerOfTheRpfInterface) {
    ASSERT_EQ(take(A, kIf5), NO_ERROR);
    const Flow flow{.source = kS, .group = kG};

    EXPECT_EQ(add(B, flow, kIf2), NO_ERROR);
    expect({{A, {"J((S,G),TRUE)"}}});
    EXPECT_EQ(add(C, flow, kIf3), NO_ERROR);
    EXPECT_EQ(remove(C, flow, kIf3), NO_ERROR);
    expect({});
    EXPECT_EQ(remove(B, flow, kIf2), NO_ERROR);
    expect({{A, {"P((S,G),if2,TRUE)"}}});
    EXPECT_EQ(add(A, flow, kIf5), NO_ERROR);
    expect({});
    EXPECT_THAT(groups(C), ElementsAre("(S,G)"));
}

TEST_F(InteractionsMembership, T13_AllGroupsAndOneGroupAreCountedApart) {
    EXPECT_EQ(add(A, {}, kIf1), NO_ERROR);
    expect({{B, {"J((*,*),TRUE)"}}, {C, {"J((*,*),TRUE)"}}});
    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    expect({{B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
    EXPECT_EQ(remove(A, {}, kIf1), NO_ERROR);
    expect({{B, {"P((*,*),if1,TRUE)"}}, {C, {"P((*,*),if1,TRUE)"}}});
}

TEST_F(InteractionsMembership, T14_LateRegistrantLearnsByEnumerationAndHearsOfTheEnd) {
    given_three_members();
    Program late("D", 0x815);
    ASSERT_EQ(late.open(), NO_ERROR);
    expect({});
    EXPECT_THAT(groups(late), ElementsAre("(*,G)"));
    EXPECT_THAT(groups(late, ANY_SOURCE), ElementsAre("(*,G)"));

    EXPECT_EQ(remove(A, {.group = kG}, kIf5), NO_ERROR);
    EXPECT_EQ(remove(C, {.group = kG}, kIf3), NO_ERROR);
    EXPECT_EQ(remove(B, {.group = kG}, kIf2), NO_ERROR);
    forget();
    EXPECT_EQ(remove(A, {.group = kG}, kIf1), NO_ERROR);
    const std::vector<std::string> prune = {"P((*,G),if1,TRUE)"};
    expect({{B, prune}, {C, prune}, {late, prune}});
    EXPECT_THAT(groups(late), IsEmpty());
}

TEST_F(InteractionsMembership, T15_HostJoinsThroughIgmp) {
    ASSERT_EQ(take(I, kIf4), NO_ERROR);

    EXPECT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR);
    const std::vector<std::string> join = {"J((*,G),TRUE)"};
    expect({{A, join}, {B, join}, {C, join}}); // B signals upstream
}

TEST_F(InteractionsMembership, T15_UpstreamRouterHearsItFromTheProtocolOfTheDownlink) {
    EXPECT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR);
    expect({{A, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
}

TEST_F(InteractionsMembership, T16_HostLeaves) {
    ASSERT_EQ(take(I, kIf4), NO_ERROR);
    ASSERT_EQ(take(I, kIf2), NO_ERROR);
    ASSERT_EQ(add(I, {.group = kG}, kIf2), NO_ERROR);
    ASSERT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR);
    forget();

    EXPECT_EQ(remove(I, {.group = kG}, kIf2), NO_ERROR);
    expect({{B, {"LL((*,G),if2)"}}}); // I stays
    EXPECT_EQ(add(I, {.group = kG}, kIf2), NO_ERROR);
    EXPECT_EQ(remove(I, {.group = kG}, kIf4), NO_ERROR);
    expect({{B, {"LJ((*,G),if2)", "P((*,G),if4,TRUE)"}}}); // A and C: B is still a member
    EXPECT_EQ(remove(I, {.group = kG}, kIf2), NO_ERROR);
    expect({{A, {"P((*,G),if2,TRUE)"}}, {B, {"LL((*,G),if2)"}}, {C, {"P((*,G),if2,TRUE)"}}});
}

TEST_F(InteractionsMembership, T26_OnlyTheOwnerChangesMembership) {
    ASSERT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    forget();

    EXPECT_EQ(remove(B, {.group = kG}, kIf1), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(remove(I, {.group = kG}, kIf1), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(remove(B, {.group = kG}, kIf4), ERROR_NOT_FOUND);
    EXPECT_EQ(add(B, {.group = kG}, kIf1), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(add(I, {.group = kG}, kIf1), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(add(B, {.group = kG}, kIf4), ERROR_INVALID_PARAMETER);
    EXPECT_THAT(groups(A), ElementsAre("(*,G)"));
    expect({});
}

// Which pairs of address and mask are impossible: c_api_test.cpp.
TEST_F(InteractionsMembership, T27_RangesAreRefusedAndLeaveNothing) {
    constexpr DWORD kHostMask = 0xffff'ffff;
    struct {
        DWORD source, source_mask, group, group_mask;
    } const ranges[] = {
        {be("10.0.0.0"), be("255.255.255.0"), kG, kHostMask},
        {kS, be("255.255.255.0"), kG, kHostMask},
        {0, 0, be("239.0.0.0"), be("255.0.0.0")},
        {kS, kHostMask, 0, 0},
        {0, 0, be("10.1.1.1"), kHostMask},
        {kS, be("255.255.0.255"), kG, kHostMask},
    };
    for (const auto &range : ranges)
        for (const auto call : {MgmAddGroupMembershipEntry, MgmDeleteGroupMembershipEntry})
            EXPECT_EQ(call(A, range.source, range.source_mask, range.group, range.group_mask, kIf1,
                           0, kJoin),
                      ERROR_INVALID_PARAMETER)
                << name_of(range.source, range.source == 0 ? 0 : kHostMask) << " "
                << name_of(range.group, range.group == 0 ? 0 : kHostMask);
    EXPECT_THAT(groups(A), IsEmpty());
    expect({});
}

class InteractionsQuota : public InteractionsMembership {
protected:
    static Options small() {
        Options options = patient();
        options.max_memberships = 3;
        options.max_links = 2;
        return options;
    }
    InteractionsQuota() : InteractionsMembership(small()) {}
};

// Failing allocations are the manager's test.
TEST_F(InteractionsQuota, T28_CallsOverAQuotaEndIn8WithNothingChanged) {
    ASSERT_EQ(take(B, kIf5), NO_ERROR);
    ASSERT_EQ(take(I, kIf4), NO_ERROR);
    for (const Flow &flow : {Flow{.group = kG}, {.source = kS2, .group = kG}, {.group = kG2}})
        ASSERT_EQ(add(B, flow, kIf2), NO_ERROR);
    forget();
    const std::vector<std::string> before = groups(A);

    EXPECT_EQ(add(B, {}, kIf2), ERROR_NOT_ENOUGH_MEMORY);
    EXPECT_EQ(add(B, {.group = kG}, kIf5), ERROR_NOT_ENOUGH_MEMORY);
    EXPECT_EQ(take(B, kIf4), ERROR_NOT_ENOUGH_MEMORY) << "before DISABLE";
    expect({});
    EXPECT_EQ(groups(A), before);
    EXPECT_EQ(owner(kIf4), "I");
    EXPECT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR) << "there already";
    EXPECT_EQ(remove(B, {.group = kG2}, kIf2), NO_ERROR);
    EXPECT_EQ(add(B, {}, kIf2), NO_ERROR);
    EXPECT_EQ(release(B, kIf5), NO_ERROR);
    EXPECT_EQ(take(B, kIf4), NO_ERROR);
    const std::vector<std::string> both = {"P((*,G2),if2,TRUE)", "J((*,*),TRUE)"};
    expect({{A, both}, {C, both}, {I, {"DISABLE(if4)", "ENABLE(if4)"}}});
}

TEST_F(InteractionsMembership, T29_ADeleteInsideAJoinAlertReturnsItsRealResultAtOnce) {
    ASSERT_EQ(add(B, {.group = kG2}, kIf2), NO_ERROR);
    forget();
    std::vector<DWORD> codes; // B's thread until has_returned
    std::atomic<bool> has_returned{false};
    B.inside([&](const std::string &callback) {
        if (callback != "J((*,G),TRUE)")
            return;
        codes.push_back(remove(B, {.group = kG2}, kIf2));
        codes.push_back(remove(B, {.group = kG2}, kIf2));
        has_returned = true;
    });
    A.hold("P("); // their alerts of the Delete return after it
    C.hold("P(");

    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    A.wait_until_held();
    C.wait_until_held();
    while (!has_returned)
        std::this_thread::yield();
    EXPECT_THAT(groups(A), ElementsAre("(*,G)"));
    A.let_go();
    C.let_go();

    expect({{A, {"P((*,G2),if2,TRUE)"}},
            {B, {"J((*,G),TRUE)"}},
            {C, {"J((*,G),TRUE)", "P((*,G2),if2,TRUE)"}}});
    EXPECT_THAT(codes, ElementsAre(NO_ERROR, ERROR_NOT_FOUND));
}

} // namespace
} // namespace client_tests
