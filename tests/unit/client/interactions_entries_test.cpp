// SPDX-License-Identifier: BSD-3-Clause
// mgm-spec 5 through mgm.h: the life of an entry.
#include "tests/unit/client/scene.hpp"

#include <atomic>
#include <thread>

namespace client_tests {
namespace {

using control::manager::Event;
using ::testing::ElementsAre;

class InteractionsEntries : public Scene {
protected:
    explicit InteractionsEntries(const Options &options = patient()) : Scene(options) {}
    void SetUp() override {
        Scene::SetUp();
        ASSERT_EQ(take(A, kIf5), NO_ERROR);
    }
    void given_members_on_if2_and_if3() {
        ASSERT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR);
        ASSERT_EQ(add(C, {.group = kG}, kIf3), NO_ERROR);
        forget();
    }
    /// What T17 tells; A hears of the entry last.
    void expect_creation(const char *in = "if1", const char *file = __builtin_FILE(),
                         int line = __builtin_LINE()) {
        const std::string creation = std::string("CREATION((S,G),") + in;
        expect({{A, {"RPF((S,G),if1)", "J((S,G),FALSE)"}},
                {B, {creation + ",[if2])"}},
                {C, {creation + ",[if3])"}}},
               file, line);
    }
    unsigned released() {
        unsigned released = 0;
        router.run([&](control::manager::Manager &) { released = router.plane.released; });
        return released;
    }
};

TEST_F(InteractionsEntries, T17_NewSource) {
    given_members_on_if2_and_if3();
    A.hold("RPF");
    data(kS, kG, kIf1);
    A.wait_until_held();
    data(kS, kG, kIf1); // a second upcall was under way
    EXPECT_EQ(forwarding(kS, kG), "no entry");
    EXPECT_THAT(B.take_told(), ::testing::IsEmpty()) << "8.19: RPF's reply comes before CREATION";
    EXPECT_THAT(C.take_told(), ::testing::IsEmpty());
    std::vector<std::string> seen; // C's thread
    C.inside([&](const std::string &) { seen.push_back(forwarding(kS, kG)); });
    A.let_go();

    expect_creation();
    EXPECT_THAT(seen, ElementsAre("no entry")) << "CREATION's reply comes before forwarding";
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2,if3");
    EXPECT_EQ(released(), 1U);
    MIB_IPMCAST_MFE mfe{};
    ASSERT_EQ(get(kS, kG, mfe), NO_ERROR);
    EXPECT_EQ(mfe.dwInIfIndex, kIf1);
    EXPECT_EQ(mfe.dwInIfProtocol, A.protocol);
    EXPECT_EQ(mfe.ulTimeOut, 900U);
    EXPECT_EQ(mfe.dwRouteNetwork, be("10.0.0.0"));
    EXPECT_EQ(mfe.dwRouteMask, be("255.255.255.0"));
    data(kS, kG, kIf1); // its worker had not seen the entry yet
    expect({});
}

TEST_F(InteractionsEntries, T18_RpfAnswerReplacesTheIncomingInterface) {
    given_members_on_if2_and_if3();
    A.answers_rpf(kIf5);
    data(kS, kG, kIf1);
    expect_creation("if5"); // no WRONG_IF for the held packet (8.20)
    EXPECT_EQ(forwarding(kS, kG), "if5 -> if2,if3");
    EXPECT_EQ(released(), 1U) << "to be looked up again, dropped and counted";
}

TEST_F(InteractionsEntries, T18_RpfAnswerWithAnotherClientsInterfaceIsIgnored) {
    given_members_on_if2_and_if3();
    (void)router.events();
    A.answers_rpf(kIf2);
    data(kS, kG, kIf1);
    expect_creation();
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2,if3");
    EXPECT_THAT(router.events(), ElementsAre(Event::kRpfRefused));
}

TEST_F(InteractionsEntries, T19_VetoIsForThisEntry) {
    given_members_on_if2_and_if3();
    C.vetoes({kIf3, kIf2});
    data(kS, kG, kIf1);
    expect_creation();
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2");

    EXPECT_EQ(add(C, {.source = kS, .group = kG}, kIf3, kForward), NO_ERROR);
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2,if3");
    EXPECT_THAT(groups(C), ElementsAre("(*,G)"));
    EXPECT_EQ(remove(C, {.source = kS, .group = kG}, kIf3, kForward), NO_ERROR);
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2");
    expect({});
}

TEST_F(InteractionsEntries, T20_NegativeEntry) {
    A.answers_prune(60);
    data(kS, kG2, kIf1);
    expect({{A, {"RPF((S,G2),if1)", "P((S,G2),if1,FALSE,900)"}}});
    MIB_IPMCAST_MFE mfe{};
    ASSERT_EQ(get(kS, kG2, mfe), NO_ERROR);
    EXPECT_EQ(mfe.ulTimeOut, 60U);
    EXPECT_EQ(forwarding(kS, kG2), "if1 -> nothing");
    data(kS, kG2, kIf1); // an upcall that was under way
    expect({});

    EXPECT_EQ(add(B, {.group = kG2}, kIf2), NO_ERROR);
    expect({{A, {"J((*,G2),TRUE)", "J((S,G2),FALSE)"}}, {C, {"J((*,G2),TRUE)"}}});
    EXPECT_EQ(forwarding(kS, kG2), "if1 -> if2");
    EXPECT_EQ(remove(B, {.group = kG2}, kIf2), NO_ERROR);
    expect({{A, {"P((*,G2),if2,TRUE)", "P((S,G2),if1,FALSE,900)"}}, {C, {"P((*,G2),if2,TRUE)"}}});
    EXPECT_EQ(forwarding(kS, kG2), "if1 -> nothing");
}

TEST_F(InteractionsEntries, T21_IncomingInterfaceIsNeverAnOif) {
    ASSERT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    forget();
    data(kS, kG, kIf1);
    expect({{A, {"RPF((S,G),if1)", "P((S,G),if1,FALSE,900)"}}});
    EXPECT_EQ(forwarding(kS, kG), "if1 -> nothing");
}

TEST_F(InteractionsEntries, T22_WrongInterfaceIsToldOncePerInterval) {
    given_members_on_if2_and_if3();
    data(kS, kG, kIf1);
    forget();

    data_on_wrong_interface(kS, kG, kIf2);
    data_on_wrong_interface(kS, kG, kIf2);
    data_on_wrong_interface(kS, kG, kIf3);
    data_on_wrong_interface(kS, kG, kIf4);  // nobody's
    data_on_wrong_interface(kS, kG2, kIf2); // no such entry
    expect({{B, {"WRONG_IF((S,G),if2)"}}, {C, {"WRONG_IF((S,G),if3)"}}});
    EXPECT_EQ(forwarding(kS, kG), "if1 -> if2,if3");
}

class InteractionsInShortTime : public InteractionsEntries {
protected:
    static Options hasty() {
        Options options = patient();
        options.entry_timeout = std::chrono::seconds(1);
        options.wrong_if_interval = std::chrono::milliseconds(5);
        return options;
    }
    InteractionsInShortTime() : InteractionsEntries(hasty()) {}
    void wait_for_expiry() {
        MIB_IPMCAST_MFE mfe{};
        while (get(kS, kG, mfe) == NO_ERROR) {
            ASSERT_EQ(mfe.ulTimeOut, 1U);
            ASSERT_EQ(mfe.ulUpTime + mfe.ulExpiryTime, 1U);
            std::this_thread::yield();
        }
        ASSERT_EQ(get(kS, kG, mfe), ERROR_NOT_FOUND);
    }
};

TEST_F(InteractionsInShortTime, T22_WrongInterfaceIsToldAgainAfterTheInterval) {
    given_members_on_if2_and_if3();
    data(kS, kG, kIf1);
    expect_creation();
    std::vector<std::string> told;
    while (told.size() < 3) {
        data_on_wrong_interface(kS, kG, kIf2);
        data(kS, kG, kIf1); // makes the entry again, should it have expired meanwhile
        EXPECT_EQ(MgmExtFlush(), NO_ERROR);
        for (std::string &callback : B.take_told())
            if (callback.starts_with("WRONG_IF"))
                told.push_back(callback);
    }
    EXPECT_THAT(told, ::testing::Each("WRONG_IF((S,G),if2)"));
    forget();
}

TEST_F(InteractionsInShortTime, T23_ExpiryTellsNobodyAndTheNextPacketBeginsAgain) {
    given_members_on_if2_and_if3();
    data(kS, kG, kIf1);
    expect_creation();

    wait_for_expiry();

    expect({});
    EXPECT_THAT(groups(A), ElementsAre("(*,G)"));
    EXPECT_EQ(forwarding(kS, kG), "no entry");
    data(kS, kG, kIf1);
    expect_creation();
}

TEST_F(InteractionsInShortTime, T19_VetoEndsWithItsEntry) {
    given_members_on_if2_and_if3();
    C.vetoes({kIf3});
    data(kS, kG, kIf1);
    expect_creation();
    wait_for_expiry();
    C.vetoes({});
    data(kS, kG, kIf1);
    expect_creation(); // C is asked again
    while (forwarding(kS, kG) != "if1 -> if2,if3")
        data(kS, kG, kIf1); // should it have expired meanwhile
    forget();
}

} // namespace
} // namespace client_tests
