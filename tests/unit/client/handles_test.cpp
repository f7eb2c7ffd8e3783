// SPDX-License-Identifier: BSD-3-Clause
// Handles of mgm.h that are nobody's, or not of the kind: 87 and nothing else (mgm-spec 2.2).
#include "tests/unit/client/scene.hpp"

#include <bit>
#include <cstring>
#include <functional>
#include <random>
#include <thread>

namespace client_tests {
namespace {

using ::testing::ElementsAre;

std::uint64_t bits(HANDLE handle) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &handle, sizeof bits);
    return bits;
}
HANDLE handle_of(std::uint64_t bits) {
    return std::bit_cast<HANDLE>(bits);
}

class Handles : public Scene {
protected:
    void SetUp() override {
        Scene::SetUp();
        ASSERT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
        ASSERT_EQ(MgmGroupEnumerationStart(A, ALL_SOURCES, &enumeration), NO_ERROR);
        data(kS, kG2, kIf1);
        forget();
    }
    void TearDown() override {
        expect({});
        EXPECT_EQ(owner(kIf1), "A");
        EXPECT_EQ(owner(kIf4), "nobody");
        EXPECT_THAT(groups(A), ElementsAre("(*,G)"));
        EXPECT_EQ(forwarding(kS, kG2), "if1 -> nothing");
        DWORD size = 0, count = 77;
        EXPECT_EQ(MgmGroupEnumerationGetNext(enumeration, &size, nullptr, &count),
                  ERROR_INSUFFICIENT_BUFFER)
            << "where it was";
        Scene::TearDown();
    }

    static void expect_refused_as_client(HANDLE handle, const char *what) {
        SCOPED_TRACE(fmt::format("{} {:#x}", what, bits(handle)));
        EXPECT_EQ(MgmDeRegisterMProtocol(handle), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(take(handle, kIf4), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(release(handle, kIf1), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(add(handle, {.group = kG2}, kIf1), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(remove(handle, {.group = kG}, kIf1), ERROR_INVALID_PARAMETER);
        MIB_IPMCAST_MFE which{};
        which.dwSource = kS;
        which.dwGroup = kG2;
        EXPECT_EQ(MgmSetMfe(handle, &which), ERROR_INVALID_PARAMETER);
        HANDLE out = &which;
        EXPECT_EQ(MgmGroupEnumerationStart(handle, ALL_SOURCES, &out), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(out, &which);
    }
    static void expect_refused_as_enumeration(HANDLE handle, const char *what) {
        SCOPED_TRACE(fmt::format("{} {:#x}", what, bits(handle)));
        std::array<SOURCE_GROUP_ENTRY, 3> records{};
        DWORD size = sizeof records, count = 77;
        EXPECT_EQ(MgmGroupEnumerationGetNext(handle, &size, reinterpret_cast<PBYTE>(records.data()),
                                             &count),
                  ERROR_INVALID_PARAMETER);
        EXPECT_EQ(size, sizeof records);
        EXPECT_EQ(count, 77U);
        EXPECT_EQ(MgmGroupEnumerationEnd(handle), ERROR_INVALID_PARAMETER);
    }
    static void expect_refused(HANDLE handle, const char *what) {
        expect_refused_as_client(handle, what);
        expect_refused_as_enumeration(handle, what);
    }
    [[nodiscard]] bool is_live(HANDLE handle) const {
        return handle == A || handle == B || handle == C || handle == I || handle == enumeration;
    }

    HANDLE enumeration = nullptr;
};

TEST_F(Handles, NothingAndRandomNumbers) {
    expect_refused(nullptr, "null");
    for (const std::uint64_t odd :
         {1UL, 0x1234UL, ~0UL, ~0UL >> 1, 1UL << 62, 1UL << 63, 3UL << 62})
        expect_refused(handle_of(odd), "odd number");
    // NOLINTNEXTLINE(bugprone-random-generator-seed): the same every time
    std::mt19937_64 random(4711);
    for (int i = 0; i < 100; ++i)
        if (HANDLE handle = handle_of(random()); !is_live(handle))
            expect_refused(handle, "random number");
}

TEST_F(Handles, LiveOnesWithAnyOneBitChanged) {
    for (HANDLE live : {A.handle, I.handle, enumeration})
        for (unsigned bit = 0; bit < 64; ++bit)
            if (HANDLE handle = handle_of(bits(live) ^ 1UL << bit); !is_live(handle))
                expect_refused(handle, "one bit changed");
}

TEST_F(Handles, OneOfTheOtherKind) {
    expect_refused_as_client(enumeration, "enumeration");
    expect_refused_as_enumeration(A, "client");
}

TEST_F(Handles, OneThatWasGivenBackWhoeverHasItsPlaceNow) {
    Program late("D", 0x815);
    ASSERT_EQ(late.open(), NO_ERROR);
    HANDLE its_enumeration = nullptr, ended_enumeration = nullptr;
    ASSERT_EQ(MgmGroupEnumerationStart(late, ANY_SOURCE, &its_enumeration), NO_ERROR);
    ASSERT_EQ(MgmGroupEnumerationStart(late, ALL_SOURCES, &ended_enumeration), NO_ERROR);
    ASSERT_EQ(MgmGroupEnumerationEnd(ended_enumeration), NO_ERROR);
    expect_refused(ended_enumeration, "ended");
    const HANDLE stale = late;
    ASSERT_EQ(MgmDeRegisterMProtocol(stale), NO_ERROR);
    expect_refused(stale, "deregistered");
    expect_refused(its_enumeration, "of one that deregistered");

    ASSERT_EQ(late.open(), NO_ERROR); // the same identity, in the same place
    HANDLE new_enumeration = nullptr;
    ASSERT_EQ(MgmGroupEnumerationStart(late, ALL_SOURCES, &new_enumeration), NO_ERROR);
    EXPECT_NE(late.handle, stale);
    expect_refused(stale, "deregistered");
    expect_refused(its_enumeration, "of one that deregistered");
    EXPECT_EQ(MgmGroupEnumerationEnd(new_enumeration), NO_ERROR);
}

TEST_F(Handles, OneOfARegistrationThatEndedWithItsThread) {
    Program late("D", 0x815);
    HANDLE its_enumeration = nullptr;
    std::thread([&] {
        ASSERT_EQ(late.open(), NO_ERROR);
        ASSERT_EQ(MgmGroupEnumerationStart(late, ALL_SOURCES, &its_enumeration), NO_ERROR);
        control::end_registrations_of_this_thread();
    }).join();
    expect_refused(late, "ended");
    expect_refused(its_enumeration, "of one that ended");
}

} // namespace
} // namespace client_tests
