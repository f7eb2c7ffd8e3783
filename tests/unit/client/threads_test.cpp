// SPDX-License-Identifier: BSD-3-Clause
// Calls of mgm.h that meet on an interface, and clients that leave while others call them:
// mgm-spec 8.3, 8.10, 8.11.
#include "tests/unit/client/scene.hpp"

#include <atomic>
#include <barrier>
#include <latch>
#include <thread>

namespace client_tests {
namespace {

using ::testing::ElementsAre;

constexpr DWORD kUnset = 0xdead;

/// A client on a thread that ends like one that died.
class Mortal {
public:
    explicit Mortal(Program &program)
        : thread_([this, &program] {
              EXPECT_EQ(program.open(), NO_ERROR);
              is_born_.count_down();
              death_.wait();
              control::end_registrations_of_this_thread();
          }) {
        is_born_.wait();
    }
    ~Mortal() {
        if (thread_.joinable())
            die();
    }
    Mortal(const Mortal &) = delete;
    Mortal &operator=(const Mortal &) = delete;
    void die() {
        death_.count_down();
        thread_.join();
    }

private:
    std::latch is_born_{1}, death_{1};
    std::thread thread_;
};

class Threads : public Scene {
protected:
    void given_igmp_on_if4() {
        ASSERT_EQ(take(I, kIf4), NO_ERROR);
        ASSERT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR);
        forget();
    }
    static bool is_dead(HANDLE client) {
        HANDLE enumeration = nullptr;
        DWORD status = MgmGroupEnumerationStart(client, ALL_SOURCES, &enumeration);
        if (status == NO_ERROR)
            status = MgmGroupEnumerationEnd(enumeration); // it may die just in between
        return status == ERROR_INVALID_PARAMETER;
    }
    const std::vector<std::string> igmp_pair{"DISABLE(if4)", "ENABLE(if4)"};
    const std::vector<std::string> prune{"P((*,G),if4,TRUE)"};
};

TEST_F(Threads, OfTwoTakersAtOnceOneWins_R8_3) {
    constexpr int kRounds = 25;
    ASSERT_EQ(take(I, kIf4), NO_ERROR);
    std::barrier start(2);
    std::array<DWORD, 2> codes{};
    std::vector<std::string> wanted;
    for (int round = 0; round < kRounds; ++round) {
        std::thread other([&] {
            start.arrive_and_wait();
            codes[0] = take(B, kIf4);
        });
        start.arrive_and_wait();
        codes[1] = take(C, kIf4);
        other.join();

        ASSERT_THAT(codes, ::testing::UnorderedElementsAre(NO_ERROR, ERROR_ALREADY_EXISTS));
        const Program &winner = codes[0] == NO_ERROR ? B : C;
        ASSERT_EQ(owner(kIf4), winner.name);
        ASSERT_EQ(release(winner, kIf4), NO_ERROR);
        for (int i = 0; i < 2; ++i)
            wanted.insert(wanted.end(), igmp_pair.begin(), igmp_pair.end());
    }
    expect({{I, wanted}});
}

TEST_F(Threads, ASecondTakerWaitsForTheFirstAndNobodyElseDoes_R8_3) {
    given_igmp_on_if4();
    I.hold("DISABLE");
    DWORD first = kUnset, second = kUnset, third = kUnset;
    std::thread taker([&] { first = take(A, kIf4); });
    I.wait_until_held();
    std::thread loser([&] { second = take(B, kIf4); });
    std::thread member([&] { third = add(A, {.group = kG2}, kIf4); });

    EXPECT_EQ(owner(kIf4), "I") << "the old state until the commit";
    EXPECT_EQ(take(C, kIf5), NO_ERROR) << "another interface";
    EXPECT_EQ(add(A, {.group = be("239.9.9.9")}, kIf1), NO_ERROR);
    I.let_go();
    taker.join();
    loser.join();
    member.join();

    EXPECT_EQ(first, NO_ERROR);
    EXPECT_EQ(second, ERROR_ALREADY_EXISTS);
    EXPECT_EQ(third, NO_ERROR) << "an Add that waited, of who is the owner by now";
    forget();
}

TEST_F(Threads, IgmpCanNotCallBetweenDisableAndEnable_R8_3) {
    given_igmp_on_if4();
    ASSERT_EQ(take(I, kIf2), NO_ERROR);
    I.hold("DISABLE");
    DWORD taken = kUnset;
    std::thread taker([&] { taken = take(A, kIf4); });
    I.wait_until_held();

    EXPECT_EQ(add(I, {.group = kG2}, kIf4), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(remove(I, {.group = kG}, kIf4), ERROR_CAN_NOT_COMPLETE);
    EXPECT_THAT(groups(I), ElementsAre("(*,G)"));
    EXPECT_EQ(add(I, {.group = kG}, kIf2), NO_ERROR) << "another interface";
    I.hold("ENABLE");
    I.wait_until_held();
    EXPECT_EQ(owner(kIf4), "A");
    EXPECT_EQ(add(I, {.group = kG}, kIf4), NO_ERROR) << "not inside the callback, and unlocked";
    I.let_go();
    taker.join();

    EXPECT_EQ(taken, NO_ERROR);
    // B and I were members, then B alone, then B and A: see INV-1.
    expect({{A, {"LJ((*,G),if4)"}},
            {B, {"LJ((*,G),if2)", "P((*,G),if4,TRUE)", "J((*,G),TRUE)"}},
            {I, igmp_pair}});
}

TEST_F(Threads, ATakerThatEndsBeforeTheCommitChangesNothing_R8_10) {
    given_igmp_on_if4();
    Program late("D", 0x815);
    Mortal life(late);
    I.hold("DISABLE");
    DWORD taken = kUnset;
    std::thread taker([&] { taken = take(late, kIf4); });
    I.wait_until_held();
    EXPECT_EQ(MgmDeRegisterMProtocol(late), ERROR_CAN_NOT_COMPLETE) << "a pending Take counts";

    life.die();
    taker.join(); // though DISABLE has not returned

    EXPECT_EQ(taken, ERROR_CAN_NOT_COMPLETE);
    EXPECT_TRUE(is_dead(late));
    EXPECT_EQ(owner(kIf4), "I");
    I.let_go();
    expect({{I, igmp_pair}});
    EXPECT_THAT(groups(A), ElementsAre("(*,G)")) << "IGMP's entries still count";
    EXPECT_EQ(take(A, kIf4), NO_ERROR);
    expect({{A, prune}, {B, prune}, {C, prune}, {I, igmp_pair}});
}

TEST_F(Threads, AWaitingTakerThatEndsIsNobodyWhenItsTurnComes_R8_10) {
    given_igmp_on_if4();
    Program late("D", 0x815);
    Mortal life(late);
    I.hold("DISABLE");
    DWORD first = kUnset, second = kUnset;
    std::thread taker([&] { first = take(A, kIf4); });
    I.wait_until_held();
    std::thread waiter([&] { second = take(late, kIf4); });
    EXPECT_EQ(owner(kIf4), "I"); // its Take may wait by now; if not, it is nobody's all the same

    life.die();
    I.let_go();
    taker.join();
    waiter.join();

    EXPECT_EQ(first, NO_ERROR);
    EXPECT_EQ(second, ERROR_INVALID_PARAMETER);
    forget();
    EXPECT_EQ(owner(kIf4), "A");
}

TEST_F(Threads, AnOwnerThatEndsGivesEverythingBack_R8_10) {
    given_igmp_on_if4();
    Program late("D", 0x815);
    Mortal life(late);
    ASSERT_EQ(take(late, kIf4), NO_ERROR);
    ASSERT_EQ(add(late, {.group = kG2}, kIf4), NO_ERROR);
    ASSERT_EQ(take(late, kIf5), NO_ERROR);
    forget();
    const HANDLE dead = late;

    I.hold("DISABLE");

    life.die();
    I.wait_until_held();
    EXPECT_TRUE(is_dead(dead));
    EXPECT_EQ(late.open(), NO_ERROR) << "the identity is free at once";
    EXPECT_NE(late.handle, dead);
    EXPECT_EQ(MgmDeRegisterMProtocol(late), NO_ERROR) << "and owns nothing of the dead one's";
    EXPECT_EQ(owner(kIf4), "D") << "whose interfaces are given back in good order";
    I.let_go();

    const std::vector<std::string> prune2 = {"P((*,G2),if4,TRUE)"};
    expect({{A, prune2}, {B, prune2}, {C, prune2}, {I, igmp_pair}});
    EXPECT_EQ(owner(kIf4), "I");
    EXPECT_EQ(owner(kIf5), "nobody");
}

TEST_F(Threads, IgmpThatEndsInDisableIsNotWaitedFor_R8_10) {
    Program mortal_igmp("I2", 0xbeef'0000U | PROTO_IP_IGMP);
    Mortal life(mortal_igmp);
    ASSERT_EQ(take(mortal_igmp, kIf4), NO_ERROR);
    ASSERT_EQ(add(mortal_igmp, {.group = kG}, kIf4), NO_ERROR);
    forget();
    mortal_igmp.hold("DISABLE");
    DWORD taken = kUnset;
    std::thread taker([&] { taken = take(A, kIf4); });
    mortal_igmp.wait_until_held();

    life.die();
    taker.join(); // though DISABLE has not returned

    EXPECT_EQ(taken, NO_ERROR);
    EXPECT_EQ(owner(kIf4), "A");
    mortal_igmp.let_go();
    expect({{A, prune}, {B, prune}, {C, prune}, {mortal_igmp, {"DISABLE(if4)"}}});
    EXPECT_EQ(release(A, kIf4), NO_ERROR);
    EXPECT_EQ(owner(kIf4), "nobody");
}

TEST_F(Threads, DeregisterWaitsForTheCallbackThatRunsAndDiscardsTheRest_R8_11) {
    ASSERT_EQ(release(B, kIf2), NO_ERROR);
    B.hold("J(");
    ASSERT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    ASSERT_EQ(add(A, {.group = kG2}, kIf1), NO_ERROR);
    B.wait_until_held();
    std::vector<DWORD> codes; // B's thread, then this one: DeRegister waits for it
    B.inside([&](const std::string &) {
        codes.push_back(add(B, {.group = kG}, kIf2));
        codes.push_back(MgmDeRegisterMProtocol(B));
    });
    std::atomic<bool> is_deregistered{false};
    std::thread leaver([&] {
        EXPECT_EQ(MgmDeRegisterMProtocol(B), NO_ERROR);
        is_deregistered = true;
    });
    while (!is_dead(B))
        std::this_thread::yield();
    EXPECT_EQ(add(A, {}, kIf1), NO_ERROR) << "nobody else waits";
    EXPECT_FALSE(is_deregistered);

    B.let_go();
    leaver.join();

    EXPECT_THAT(codes, ElementsAre(ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER));
    expect({{B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)", "J((*,G2),TRUE)", "J((*,*),TRUE)"}}});
}

TEST_F(Threads, DeregisterInsideACallbackChangesNothing_R8_11) {
    Program late("D", 0x815);
    ASSERT_EQ(late.open(), NO_ERROR);
    std::vector<DWORD> codes;
    late.inside([&](const std::string &) {
        codes.push_back(MgmDeRegisterMProtocol(late));
        codes.push_back(MgmDeRegisterMProtocol(B));
    });
    ASSERT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    ASSERT_EQ(add(A, {.group = kG2}, kIf1), NO_ERROR);

    const std::vector<std::string> joins = {"J((*,G),TRUE)", "J((*,G2),TRUE)"};
    expect({{B, joins}, {C, joins}, {late, joins}});
    EXPECT_THAT(codes, ::testing::Each(ERROR_CAN_NOT_COMPLETE));
    EXPECT_EQ(MgmDeRegisterMProtocol(late), NO_ERROR);
    EXPECT_EQ(codes.size(), 4U);
}

TEST_F(Threads, ACreationOfOneWhoLeavesIsAnsweredByDefault_R8_11) {
    ASSERT_EQ(add(B, {.group = kG}, kIf2), NO_ERROR);
    ASSERT_EQ(add(C, {.group = kG}, kIf3), NO_ERROR);
    forget();
    C.hold("CREATION");
    data(kS, kG, kIf1);
    C.wait_until_held();
    EXPECT_EQ(forwarding(kS, kG), "no entry");
    EXPECT_EQ(release(C, kIf3), NO_ERROR);
    std::thread leaver([&] { EXPECT_EQ(MgmDeRegisterMProtocol(C), NO_ERROR); });

    while (forwarding(kS, kG) != "if1 -> if2") // while C's function still runs
        std::this_thread::yield();

    C.let_go();
    leaver.join();
    forget();
}

} // namespace
} // namespace client_tests
