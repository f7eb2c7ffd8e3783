// SPDX-License-Identifier: BSD-3-Clause
// Callbacks of C programs that return late or not at all: mgm-spec 8.8.
#include "tests/unit/client/scene.hpp"

#include <thread>

namespace client_tests {
namespace {

using control::manager::Event;
using ::testing::Contains;

/// Only what is held is late: nobody else is asked anything that has a deadline.
class Deadlines : public Scene {
protected:
    static Options strict() {
        Options options = patient();
        options.callback_deadline = std::chrono::milliseconds(40);
        return options;
    }
    Deadlines() : Scene(strict()) {}
    void SetUp() override {
        B.config.pfnCreationAlertCallback = nullptr;
        Scene::SetUp();
        ASSERT_EQ(take(A, kIf5), NO_ERROR);
        ASSERT_EQ(take(I, kIf4), NO_ERROR);
        ASSERT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR);
        forget();
    }
    void wait_for_entry(DWORD source, DWORD group) {
        while (forwarding(source, group) == "no entry")
            std::this_thread::yield();
    }
};

const DWORD kS7 = be("10.0.0.7"), kS8 = be("10.0.0.8");

TEST_F(Deadlines, ATakeGoesOnWithoutDisableAndWithoutEnable_R8_8) {
    I.hold("DISABLE");
    EXPECT_EQ(take(A, kIf4), NO_ERROR);
    EXPECT_EQ(owner(kIf4), "A");
    EXPECT_THAT(router.events(), Contains(Event::kCallbackOverdue));
    // Until it returns nobody waits for it, but it is told.
    EXPECT_EQ(release(A, kIf4), NO_ERROR);
    EXPECT_EQ(take(C, kIf4), NO_ERROR);
    I.let_go();
    const std::vector<std::string> pair = {"DISABLE(if4)", "ENABLE(if4)"};
    expect({{I, {pair[0], pair[1], pair[0], pair[1], pair[0], pair[1]}}});
    EXPECT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR);
    expect({{A, {}}, {B, {"J((*,G),TRUE)"}}, {C, {"LJ((*,G),if4)"}}});
}

TEST_F(Deadlines, ATakeReturnsThoughEnableDoesNot_R8_8) {
    I.hold("ENABLE");
    EXPECT_EQ(take(A, kIf4), NO_ERROR);
    I.wait_until_held();
    EXPECT_EQ(add(I, {.group = kG2}, kIf4), NO_ERROR);
    I.let_go();
    expect({{A, {"LJ((*,G2),if4)"}},
            {B, {"J((*,G2),TRUE)"}},
            {C, {"J((*,G2),TRUE)"}},
            {I, {"DISABLE(if4)", "ENABLE(if4)"}}});
}

TEST_F(Deadlines, WhoIsLateWithRpfIsNotAskedAgainUntilItReturns_R8_8) {
    A.answers_rpf(kIf5);
    A.hold("RPF((S,G)");
    data(kS, kG, kIf1);
    A.wait_until_held();
    wait_for_entry(kS, kG);
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2") << "the RIB's values";
    data(kS7, kG, kIf1);
    EXPECT_EQ(forwarding(kS7, kG), "if1 -> if2") << "at once";

    A.let_go();
    expect({{A, {"RPF((S,G),if1)", "J((S,G),FALSE)", "J((10.0.0.7,G),FALSE)"}}});
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2") << "a late reply is discarded";
    data(kS8, kG, kIf1);
    expect({{A, {"RPF((10.0.0.8,G),if1)", "J((10.0.0.8,G),FALSE)"}}});
}

TEST_F(Deadlines, ALateVetoDoesNotCount_R8_8) {
    ASSERT_EQ(add(C, {.group = kG}, kIf3), NO_ERROR);
    forget();
    C.vetoes({kIf3});
    C.hold("CREATION");
    data(kS, kG, kIf1);
    C.wait_until_held();
    wait_for_entry(kS, kG);
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2,if3");

    C.let_go();
    forget();
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2,if3");
}

TEST_F(Deadlines, ALateAnswerToAPruneLosesItsTimeOutAndNothingElse_R8_16) {
    A.answers_prune(60);
    A.hold("P(");
    data(kS, kG2, kIf1);
    A.wait_until_held();
    I.hold("DISABLE"); // later, and just as long: what A held is overdue when this is
    ASSERT_EQ(take(C, kIf4), NO_ERROR);
    I.let_go();
    A.let_go();
    forget();

    MIB_IPMCAST_MFE mfe{};
    ASSERT_EQ(get(kS, kG2, mfe), NO_ERROR);
    EXPECT_EQ(mfe.ulTimeOut, 900U);
    EXPECT_THAT(router.events(), Contains(Event::kCallbackOverdue).Times(1)) << "I's";
    data(kS7, kG2, kIf1);
    expect({{A, {"RPF((10.0.0.7,G2),if1)", "P((10.0.0.7,G2),if1,FALSE,900)"}}});
}

} // namespace
} // namespace client_tests
